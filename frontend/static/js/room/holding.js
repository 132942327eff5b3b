/**
 * Who keeps sound and picture from a connection says so to its other end, which would wait for them otherwise. The two
 * frames go over the channel `words`, beside any comparison (docs/safety-words.md, "What goes over the wire"). Pure.
 */

/** @typedef {'hold' | 'free'} HoldFrame */

const FRAMES = new Map([[JSON.stringify({ type: 'hold' }), true], [JSON.stringify({ type: 'free' }), false]]);

/** Whether the other end holds us, as its frame says; null for any other frame. @param {unknown} frame @returns {boolean | null} */
export function heldIn(frame) {
  return (typeof frame === 'string' ? FRAMES.get(frame) : undefined) ?? null;
}

export class Holding {
  /** To which other end it was said, by seat. @type {Map<string, string>} */
  #told = new Map();
  /** Whose end said it to us, by seat. @type {Map<string, string | null>} */
  #heard = new Map();

  /** @param {{say: (seat: string, frame: string) => boolean, show: (seat: string, held: boolean) => void}} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Is so now, and said as soon as the channel is open. @param {string} seat @param {string} fingerprint @param {boolean} held */
  tell(seat, fingerprint, held) {
    const told = this.#told.get(seat);
    if (told === (held ? fingerprint : undefined)) return;
    if (!this.parts.say(seat, JSON.stringify({ type: held ? 'hold' : 'free' }))) return;
    if (held) this.#told.set(seat, fingerprint);
    else this.#told.delete(seat);
  }

  /** @param {string} seat @param {string | null} fingerprint of the connection it came over @param {boolean} held */
  hear(seat, fingerprint, held) {
    if (held) this.#heard.set(seat, fingerprint);
    else this.#heard.delete(seat);
    this.parts.show(seat, held);
  }

  /** What was heard of another connection holds no more. @param {string} seat @param {string | null} fingerprint */
  moved(seat, fingerprint) {
    if (this.#heard.has(seat) && this.#heard.get(seat) !== fingerprint) this.hear(seat, null, false);
  }

  clear() {
    this.#told.clear();
    this.#heard.clear();
  }
}
