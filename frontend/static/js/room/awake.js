/**
 * The screen stays lit from the knock to the last word: nobody touches a phone while they talk, and one that goes dark
 * stops the camera (W3C Screen Wake Lock; Safari on iOS has it since 16.4, webkit.org/blog/13966).
 */

/** @typedef {{release(): Promise<void>, readonly released: boolean}} Lock */

export class Awake {
  /** @type {Lock | null} */
  #lock = null;
  #isWanted = false;

  /** @param {{request(type: 'screen'): Promise<Lock>} | undefined} source undefined where the browser has none */
  constructor(source) {
    this.source = source;
  }

  /** Also on coming back to the page: the browser takes the lock from one that nobody sees. */
  async keep() {
    this.#isWanted = true;
    if (this.#lock !== null && !this.#lock.released) return;
    const lock = await this.source?.request('screen').catch(() => null); // a battery that is nearly empty
    if (!lock) return;
    if (this.#isWanted && (this.#lock === null || this.#lock.released)) this.#lock = lock;
    else await lock.release();
  }

  /** The same where it was kept before; nothing where it was not. */
  async again() {
    if (this.#isWanted) await this.keep();
  }

  async rest() {
    this.#isWanted = false;
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }
}
