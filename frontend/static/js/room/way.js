/**
 * By which way a call came about: said once for each call, and once that it did not. The service counts the word and
 * keeps nothing of whose it was.
 */

/** @typedef {import('./link.js').LinkState} LinkState */
/** `relay`: one of both ends is reached through a relay. @typedef {'direct' | 'relay' | 'unknown' | 'failed'} WayName */

export class Way {
  /** @type {Set<'stands' | 'failed'>} */
  #said = new Set();

  /** @param {(way: WayName) => Promise<unknown>} tell */
  constructor(tell) {
    this.tell = tell;
  }

  /** Another call begins. */
  renew() {
    this.#said.clear();
  }

  /** @param {LinkState} state @param {RTCPeerConnection | undefined} connection @returns {Promise<void>} */
  async link(state, connection) {
    if (this.#said.has('stands')) return;
    if (state === 'connected') {
      this.#said.add('stands');
      const reports = await connection?.getStats().catch(() => null);
      await this.tell(wayOf(reports?.values() ?? []));
    } else if (state === 'unsteady' && !this.#said.has('failed')) {
      this.#said.add('failed'); // before it ever stood: the network let none of the ways through
      await this.tell('failed');
    }
  }
}

/**
 * From the statistics of a connection (W3C webrtc-stats, section 8.11). Firefox marks the pair that carries media itself;
 * elsewhere the transport names it.
 * @param {Iterable<any>} reports @returns {WayName}
 */
export function wayOf(reports) {
  const byId = new Map(Array.from(reports, (report) => [report.id, report]));
  const all = [...byId.values()];
  const named = all.find((report) => report.type === 'transport' && report.selectedCandidatePairId);
  const pair = named
    ? byId.get(named.selectedCandidatePairId)
    : all.find((report) => report.type === 'candidate-pair' && report.selected);
  const ends = [byId.get(pair?.localCandidateId), byId.get(pair?.remoteCandidateId)];
  if (ends.some((end) => end?.candidateType === 'relay')) return 'relay';
  return ends.every((end) => end?.candidateType) ? 'direct' : 'unknown';
}
