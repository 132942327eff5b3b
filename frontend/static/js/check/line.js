/** One call to the echo on the server: it comes about or not, is measured for some seconds, and gives the sound back. */
import { Link } from '../room/link.js';
import { browserClock } from '../room/signaling.js';

/** @typedef {import('../room/link.js').Tracks} Tracks */
/** @typedef {import('../room/protocol.js').Incoming} Incoming */
/** @typedef {import('../room/protocol.js').Outgoing} Outgoing */
/** @typedef {import('./verdict.js').Figures} Figures */

const CONNECT_MILLISECONDS = 12000;
const PINGS = 40;
const PING_MILLISECONDS = 100;

export class Line {
  /** @type {number[]} milliseconds there and back */
  #roundTrips = [];
  /** @type {() => void} */
  #connected = () => {};

  /**
   * @param {{echo: string, servers: RTCIceServer[], policy: RTCIceTransportPolicy, tracks: Tracks, send: (message: Outgoing) => boolean}} parts
   */
  constructor(parts) {
    const { echo, servers, policy, tracks, send } = parts;
    this.connection = new RTCPeerConnection({
      iceServers: servers,
      iceTransportPolicy: policy,
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
    });
    /** Kinds of the addresses that this device found for itself. @type {Set<string>} */
    this.candidates = new Set();
    this.connection.addEventListener('icecandidate', ({ candidate }) => candidate?.type && this.candidates.add(candidate.type));
    this.link = new Link({
      connection: this.connection,
      polite: true,
      clock: browserClock,
      tracks: () => ({ audio: tracks.audio, video: null }),
      send: (signal) => void send(/** @type {Outgoing} */ ({ ...signal, to: echo })),
      onFingerprint: () => {}, // the page's own server is the other end
      onTrack: () => {},
      onState: (state) => state === 'connected' && this.#connected(),
      onFrame: (name, frame) => name === 'chat' && this.#returned(frame),
    });
  }

  /** @param {Extract<Incoming, {from: string}>} message @returns {Promise<void>} */
  async receive(message) {
    if (message.type === 'candidates') await this.link.reach(message.body);
    else await this.link.describe(message.type, message.body.sdp);
  }

  /** @returns {Promise<boolean>} whether the call came about within twelve seconds */
  async connect() {
    /** @type {Promise<boolean>} */
    const connected = new Promise((resolve) => {
      this.#connected = () => resolve(true);
      setTimeout(() => resolve(false), CONNECT_MILLISECONDS);
    });
    await this.link.offer();
    return connected;
  }

  /** Four seconds of small messages there and back, and what the other end says of our sound. @returns {Promise<Figures>} */
  async measure() {
    for (let sent = 0; sent < PINGS; sent += 1) {
      this.link.channels?.send('chat', String(performance.now()));
      await new Promise((resolve) => setTimeout(resolve, PING_MILLISECONDS));
    }
    const { jitter, loss } = await this.#heard();
    return { roundTrip: median(this.#roundTrips), jitter, loss };
  }

  close() {
    this.link.close();
  }

  /** Our sound as the other end reports it, else what came back of it. */
  async #heard() {
    /** @type {any} */
    let best = null;
    (await this.connection.getStats()).forEach((report) => {
      const isOurs = report.type === 'remote-inbound-rtp';
      if (report.kind === 'audio' && (isOurs || (report.type === 'inbound-rtp' && best === null))) best = report;
    });
    if (best === null) return { jitter: 0, loss: 0 };
    const all = (best.packetsReceived ?? 0) + (best.packetsLost ?? 0);
    const loss = best.fractionLost ?? (all > 0 ? best.packetsLost / all : 0);
    return { jitter: 1000 * (best.jitter ?? 0), loss: Math.max(0, loss) };
  }

  /** @param {import('../room/channels.js').Frame | null} frame */
  #returned(frame) {
    const sentAt = Number(frame);
    if (typeof frame === 'string' && Number.isFinite(sentAt)) this.#roundTrips.push(performance.now() - sentAt);
  }
}

/** @param {number[]} values @returns {number | null} */
function median(values) {
  return values.length === 0 ? null : [...values].sort((one, other) => one - other)[values.length >> 1];
}
