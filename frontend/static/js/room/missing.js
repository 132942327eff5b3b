/**
 * When the server restarts everybody loses the socket, and not all come back at once: whoever is still missing
 * keeps the link for as long as the server would keep a seat (PROTOCOL.md, "Seats").
 */

/** @typedef {import('./signaling.js').Clock} Clock */

const SEAT_KEPT = 30000; // ms

export class Missing {
  /** Each seat with the way to stop its clock. @type {Map<string, () => void>} */
  #clocks = new Map();

  /** @param {Clock} clock @param {(seat: string) => void} onGone it did not come back */
  constructor(clock, onGone) {
    this.clock = clock;
    this.onGone = onGone;
  }

  /** @param {string} seat */
  has(seat) {
    return this.#clocks.has(seat);
  }

  /** @param {string} seat */
  wait(seat) {
    this.stop(seat);
    this.#clocks.set(seat, this.clock.after(SEAT_KEPT, () => this.onGone(seat)));
  }

  /** @param {string} seat */
  stop(seat) {
    this.#clocks.get(seat)?.();
    this.#clocks.delete(seat);
  }

  clear() {
    for (const seat of [...this.#clocks.keys()]) this.stop(seat);
  }
}
