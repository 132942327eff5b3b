/** Going to the echo: its socket, its turn, one call after the other, and hearing oneself. */
import { Signaling, browserClock } from '../room/signaling.js';
import { Line } from './line.js';
import { runsFor } from './verdict.js';

/** @typedef {import('../room/protocol.js').Ice} Ice */
/** @typedef {import('../room/protocol.js').Incoming} Incoming */
/** @typedef {import('../room/protocol.js').Participant} Participant */
/** @typedef {import('../room/link.js').Tracks} Tracks */
/** @typedef {import('../room/signaling.js').Reason} Reason */
/** @typedef {import('./verdict.js').Run} Run */
/** @typedef {{runs: Run[], candidates: Set<string>, ice: Ice}} Result */
/**
 * @typedef {{askTicket: () => Promise<string>, openSocket: () => WebSocket, tracks: () => Tracks,
 *   onWaiting: () => void, onBegun: () => void, onClosed: (reason: Reason) => void}} TrialParts
 */

export class Trial {
  /** @type {Line | null} */
  #line = null;
  /** @type {((ready: {echo: string, ice: Ice}) => void) | null} */
  #ready = null;
  #over = false;

  /** @param {TrialParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.signaling = new Signaling({
      askTicket: parts.askTicket,
      openSocket: parts.openSocket,
      clock: browserClock,
      onMessage: (message) => this.#received(message),
      onAway: () => this.#finish('refused'), // a check is begun again by hand
      onClosed: (reason) => this.#finish(reason),
    });
  }

  /** Every way once, measured. @returns {Promise<Result>} never settles when the trial is closed before */
  async measure() {
    const { echo, ice } = await this.#begun();
    /** @type {Run[]} */
    const runs = [];
    const candidates = new Set(/** @type {string[]} */ ([]));
    for (const { way, servers, policy } of runsFor(ice.servers)) {
      const line = this.#newLine(echo, servers, policy);
      const figures = (await line.connect()) ? await line.measure() : null;
      for (const type of line.candidates) candidates.add(type);
      line.close();
      runs.push({ way, figures });
      if (this.#over) return new Promise(() => {});
    }
    this.close();
    return { runs, candidates, ice };
  }

  /** The own voice as it comes back, or null where no call came about; until `close`. @returns {Promise<MediaStream | null>} */
  async listen() {
    const { echo, ice } = await this.#begun();
    const line = this.#newLine(echo, ice.servers, ice.policy);
    return (await line.connect()) ? line.link.stream : null;
  }

  /** Hang up and go. */
  close() {
    this.#over = true;
    this.#line?.close();
    this.signaling.leave();
  }

  /** @returns {Promise<{echo: string, ice: Ice}>} once it is our turn */
  #begun() {
    return new Promise((resolve) => {
      this.#ready = resolve;
      this.signaling.connect();
    });
  }

  /** @param {string} echo @param {RTCIceServer[]} servers @param {RTCIceTransportPolicy} policy */
  #newLine(echo, servers, policy) {
    const send = this.signaling.send.bind(this.signaling);
    this.#line = new Line({ echo, servers, policy, tracks: this.parts.tracks(), send });
    return this.#line;
  }

  /** @param {Incoming} message */
  #received(message) {
    if (message.type === 'welcome' && message.ice) this.#turn(message.ice, message.participants);
    else if (message.type === 'admitted') this.#turn(message.ice, message.participants);
    else if (message.type === 'waiting') this.parts.onWaiting();
    else if (message.type === 'answer' || message.type === 'candidates') void this.#line?.receive(message);
  }

  /** @param {Ice} ice @param {Participant[]} participants */
  #turn(ice, [echo]) {
    this.parts.onBegun();
    this.#ready?.({ echo: echo.seat, ice });
  }

  /** @param {Reason} reason */
  #finish(reason) {
    if (this.#over) return;
    this.close();
    this.parts.onClosed(reason);
  }
}
