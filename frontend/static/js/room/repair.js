/**
 * A connection that carries nothing looks for another way, again and again, until it does: ICE restarts (W3C WebRTC,
 * section 4.4.3.5). Pure, but for its clock.
 */

/** @typedef {import('./signaling.js').Clock} Clock */

/** Many lines come back by themselves within this time, ms. */
const PATIENCE = 1000;
/** Both ends see it at once; the polite one waits longer, so that one of them asks. */
const COURTESY = 1500;
const FIRST_PAUSE = 4000;
const LONGEST_PAUSE = 16000;

export class Repair {
  /** @type {(() => void) | null} */
  #stopClock = null;
  #pause = FIRST_PAUSE;

  /** @param {Pick<Clock, 'after'>} clock @param {boolean} polite @param {() => void} restart */
  constructor(clock, polite, restart) {
    this.clock = clock;
    this.courtesy = polite ? COURTESY : 0;
    this.restart = restart;
  }

  /** Nothing comes through now; once is enough. @param {'disconnected' | 'failed'} state */
  lost(state) {
    if (this.#stopClock !== null) return;
    const wait = (state === 'failed' ? 0 : PATIENCE) + this.courtesy;
    if (wait === 0) this.#try();
    else this.#after(wait);
  }

  /** It carries again, or is not wanted any more. */
  stop() {
    this.#stopClock?.();
    this.#stopClock = null;
    this.#pause = FIRST_PAUSE;
  }

  /** @param {number} milliseconds */
  #after(milliseconds) {
    this.#stopClock = this.clock.after(milliseconds, () => this.#try());
  }

  #try() {
    const pause = this.#pause;
    this.#pause = Math.min(LONGEST_PAUSE, pause * 2);
    this.#after(pause + this.courtesy);
    this.restart();
  }
}
