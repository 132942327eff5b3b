/**
 * The private sign: three touches say "I am not alone", five say "I am not safe". Nothing on the page answers, is
 * focused or is kept, so that who looks over a shoulder learns nothing. Pure.
 */

/** @typedef {'not_alone' | 'not_safe'} Kind */
/** @typedef {import('./signaling.js').Clock} Clock */

const PAUSE = 800; // milliseconds: touches within it belong together
const NOT_ALONE = 3;
const NOT_SAFE = 5;
/** @type {readonly unknown[]} */
const KINDS = ['not_alone', 'not_safe'];

export class Touches {
  #count = 0;
  /** @type {() => void} */
  #stop = () => {};

  /** @param {Pick<Clock, 'after'>} clock @param {(kind: Kind) => void} onSign */
  constructor(clock, onSign) {
    this.clock = clock;
    this.onSign = onSign;
  }

  touched() {
    this.#stop();
    this.#count += 1;
    this.#stop = this.clock.after(PAUSE, () => this.#end());
  }

  #end() {
    const count = this.#count;
    this.#count = 0;
    if (count >= NOT_ALONE) this.onSign(count >= NOT_SAFE ? 'not_safe' : 'not_alone');
  }
}

/** What a frame on the private channel says; null for anything else. @param {unknown} frame @returns {Kind | null} */
export function kindOf(frame) {
  return KINDS.includes(frame) ? /** @type {Kind} */ (frame) : null;
}
