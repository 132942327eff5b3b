/**
 * Whom this page knows: the connections that people at this screen have compared words over, by seat. A connection is
 * known by the fingerprint of its other end. Pure.
 */

/** @typedef {{verified: string | null, accepted: string | null, speaking: boolean}} Wary */

export class Trust {
  /** Seats to which no longer every connection is sent to: verified once, or changed under us. @type {Map<string, Wary>} */
  #wary = new Map();

  /** What that connection may hear and see. @param {string} seat @param {string | null} fingerprint @returns {'all' | 'voice' | 'none'} */
  hears(seat, fingerprint) {
    const wary = this.#wary.get(seat);
    if (wary === undefined) return 'all';
    if (fingerprint && (fingerprint === wary.verified || fingerprint === wary.accepted)) return 'all';
    return fingerprint !== null && wary.speaking ? 'voice' : 'none';
  }

  /** Whether words were compared over exactly that connection. @param {string} seat @param {string | null} fingerprint */
  verified(seat, fingerprint) {
    return Boolean(fingerprint) && this.#wary.get(seat)?.verified === fingerprint;
  }

  /** The person at this screen heard the right words. @param {string} seat @param {string} fingerprint */
  verify(seat, fingerprint) {
    this.#wary.set(seat, { verified: fingerprint, accepted: null, speaking: false });
  }

  /** Another end came under a live connection: nothing is known of it, whatever was before. @param {string} seat */
  changed(seat) {
    this.#wary.set(seat, { verified: null, accepted: null, speaking: false });
  }

  /** The person at this screen goes on without comparing. @param {string} seat @param {string} fingerprint */
  goOn(seat, fingerprint) {
    const wary = this.#wary.get(seat);
    if (wary) wary.accepted = fingerprint;
  }

  /** Whoever reads words aloud must be heard, while they read. @param {string} seat @param {boolean} speaking */
  speak(seat, speaking) {
    const wary = this.#wary.get(seat);
    if (wary) wary.speaking = speaking;
  }
}
