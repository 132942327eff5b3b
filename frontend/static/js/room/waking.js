/** A machine that slept: its clock has run on while nothing of ours did, and whoever it was connected to has given up. */

/** @typedef {import('./signaling.js').Clock} Clock */

const TICK = 2000; // ms
/** Browsers let pages that nobody looks at wait a while, too. */
const SLEPT = 8000;

export class Waking {
  #at = 0;
  /** @type {(() => void) | null} */
  #stopClock = null;

  /** @param {Pick<Clock, 'now' | 'after'>} clock whose `now` goes on in a sleep, ms @param {() => void} onWoken */
  constructor(clock, onWoken) {
    this.clock = clock;
    this.onWoken = onWoken;
  }

  start() {
    this.stop();
    this.#tick();
  }

  stop() {
    this.#stopClock?.();
    this.#stopClock = null;
  }

  #tick() {
    this.#at = this.clock.now();
    this.#stopClock = this.clock.after(TICK, () => {
      const slept = this.clock.now() - this.#at - TICK;
      this.#tick();
      if (slept > SLEPT) this.onWoken();
    });
  }
}
