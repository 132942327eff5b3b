/** The lines of a call, measured every two seconds and fitted to what they carry (quality.js). */
import { Quality, STEPS, figuresBetween } from './quality.js';

/** @typedef {import('./quality.js').Counts} Counts */
/** @typedef {import('./quality.js').LineFigures} LineFigures */
/** @typedef {import('./signaling.js').Clock} Clock */
/** @typedef {{connection: RTCPeerConnection, quality: Quality, counts: Counts | null}} Line */
/** @typedef {{line(seat: string, quality: Quality, figures: LineFigures): void, voiceOnly(is: boolean): void, clear(): void}} Shown */

const EVERY = 2000; // milliseconds
/** Nothing is made smaller than this. */
const NARROWEST = 160; // pixels

export class Lines {
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {() => void} */
  #stop = () => {};

  /**
   * @param {{connections: () => [string, RTCPeerConnection][], view: Shown, clock: Pick<Clock, 'after'>,
   *   onMeasured: () => void, onFault: (error: unknown) => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
  }

  start() {
    this.stop();
    this.#stop = this.parts.clock.after(EVERY, () => {
      void this.#measure()
        .catch(this.parts.onFault)
        .finally(() => this.#stop !== still && this.start());
    });
  }

  stop() {
    this.#stop();
    this.#stop = still;
  }

  /** The call is over. */
  clear() {
    this.stop();
    this.#lines.clear();
    this.parts.view.clear();
  }

  async #measure() {
    const connections = new Map(this.parts.connections());
    for (const seat of this.#lines.keys()) if (!connections.has(seat)) this.#lines.delete(seat);
    for (const [seat, connection] of connections) {
      if (connection.connectionState === 'connected') await this.#one(seat, connection);
    }
    this.parts.onMeasured();
    const lines = [...this.#lines.values()];
    this.parts.view.voiceOnly(lines.length > 0 && lines.every(({ quality }) => quality.isVoiceOnly));
  }

  /** @param {string} seat @param {RTCPeerConnection} connection */
  async #one(seat, connection) {
    let line = this.#lines.get(seat);
    if (line?.connection !== connection) {
      line = { connection, quality: new Quality(), counts: null };
      this.#lines.set(seat, line);
    }
    const counts = countsOf((await connection.getStats()).values());
    const before = line.counts;
    line.counts = counts;
    if (before === null) return;
    const figures = figuresBetween(before, counts);
    if (line.quality.see(figures)) await fit(connection, line.quality.step);
    this.parts.view.line(seat, line.quality, figures);
  }
}

const still = () => {};

/** @param {Iterable<any>} reports of one connection @returns {Counts} */
export function countsOf(reports) {
  const all = [...reports];
  const transport = all.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  // Firefox has no transport report, and marks the pair instead.
  const pair = all.find(({ type, id, selected }) => type === 'candidate-pair' && (transport ? id === transport.selectedCandidatePairId : selected));
  const inbound = all.filter(({ type }) => type === 'inbound-rtp');
  const there = all.filter(({ type, fractionLost }) => type === 'remote-inbound-rtp' && fractionLost !== undefined);
  /** @param {string} name */
  const sum = (name) => inbound.reduce((total, report) => total + (report[name] ?? 0), 0);
  return {
    roundTrip: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    available: pair?.availableOutgoingBitrate ?? null,
    lostThere: there.length === 0 ? null : Math.max(...there.map(({ fractionLost }) => fractionLost)),
    received: sum('packetsReceived'),
    lost: sum('packetsLost'),
    jitter: Math.max(0, ...inbound.map(({ jitter = 0 }) => jitter * 1000)),
    frames: sum('framesDecoded'),
  };
}

/**
 * Send no more than this step allows.
 * @param {RTCPeerConnection} connection @param {number} step
 * @param {MediaStreamTrack | null} [track] what is sent from now on, where it is not there yet
 */
export async function fit(connection, step, track) {
  const found = connection.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video');
  if (found === undefined) return;
  const { sender } = found;
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) parameters.encodings = [{}];
  const limits = encodingOf(step, track ?? sender.track);
  for (const encoding of parameters.encodings) Object.assign(encoding, limits);
  await sender.setParameters(parameters).catch(() => {}); // a connection that has just been closed takes none
}

/**
 * What a step allows of a picture.
 * @param {number} step @param {MediaStreamTrack | null} track @returns {RTCRtpEncodingParameters}
 */
export function encodingOf(step, track) {
  const { scale, frames, bitrate } = /** @type {import('./quality.js').Step} */ (STEPS[step]);
  const width = track?.getSettings().width ?? Infinity;
  const scaleResolutionDownBy = Math.max(1, Math.min(scale, width / NARROWEST));
  return frames === 0 ? { active: false, scaleResolutionDownBy } : { active: true, scaleResolutionDownBy, maxFramerate: frames, maxBitrate: bitrate };
}
