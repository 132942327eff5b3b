/**
 * One connection to one other seat: perfect negotiation (W3C WebRTC, section 10.7), candidates sent in
 * batches, ICE restarts. Both ways carry one sound and one picture; a missing one is an empty sender.
 */
import { Channels } from './channels.js';
import { encodingOf, fit } from './line.js';
import { BEGINNING } from './quality.js';
import { Repair } from './repair.js';

/** @typedef {import('./channels.js').ChannelName} ChannelName */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {import('./protocol.js').Candidate} Candidate */
/** @typedef {import('./signaling.js').Clock} Clock */
/** @typedef {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null}} Tracks */
/** @typedef {{type: 'offer' | 'answer', body: {sdp: string}} | {type: 'candidates', body: Candidate[]}} Signal */
/** `gone`: the other end closed it. @typedef {'connecting' | 'connected' | 'unsteady' | 'gone'} LinkState */
/**
 * @typedef {{connection: RTCPeerConnection, polite: boolean, clock: Pick<Clock, 'after'>, tracks: () => Tracks, send: (signal: Signal) => void,
 *   onFingerprint: (changed: boolean) => Promise<void> | void, onTrack: () => void, onState: (state: LinkState) => void, onFrame: (name: ChannelName, frame: Frame | null) => void}} LinkParts
 */

/** Candidates of one machine come within a few milliseconds; together they cost one message. */
const BATCH_MILLISECONDS = 4;
const HEARD_WITHIN = 2000;
/** PROTOCOL.md, "Limits": more of them in one negotiation close the socket. */
const CANDIDATES_AT_MOST = 59;

/** @type {readonly ('audio' | 'video')[]} */
const KINDS = ['audio', 'video'];

export class Link {
  #makingOffer = false;
  #ignoringOffer = false;
  #settingAnswer = false;
  #closed = false;
  /** @type {Candidate[]} */
  #gathered = [];
  #sentCandidates = 0;
  /** Offers that were made anew, since the last one may never have arrived: an answer to that one may still come. */
  #anew = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #batch;

  /** @param {LinkParts} parts */
  constructor(parts) {
    this.parts = parts;
    /** Session id of the other end's descriptions; null until one came. @type {string | null} */
    this.remoteSession = null;
    /** SHA-256 of the other end's certificate as its descriptions say; "" where they do not say one, null before the first. @type {string | null} */
    this.fingerprint = null;
    /** Whether the other end closed this connection. */
    this.gone = false;
    /** Null where the other end offers none. @type {Channels | null} */
    this.channels = null;
    /** What the other end sends. */
    this.stream = new MediaStream();
    const { connection } = parts;
    this.repair = new Repair(parts.clock, parts.polite, () => this.restart());
    connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      parts.onTrack();
    };
    connection.onicecandidate = ({ candidate }) => this.#gather(candidate);
    connection.onnegotiationneeded = () => void this.#negotiate();
    connection.onconnectionstatechange = () => this.#changed();
  }

  /** Be the one who offers. @returns {Promise<void>} */
  async offer() {
    const { connection, tracks } = this.parts;
    const { audio, video } = tracks();
    this.channels = this.#newChannels();
    connection.addTransceiver(audio ?? 'audio', { direction: 'sendrecv' });
    connection.addTransceiver(video ?? 'video', { direction: 'sendrecv', sendEncodings: [encodingOf(BEGINNING, video)] });
    await this.#negotiate();
  }

  /** An offer or answer of the other end. @param {'offer' | 'answer'} type @param {string} sdp @returns {Promise<void>} */
  async describe(type, sdp) {
    const { connection, polite } = this.parts;
    const stable = connection.signalingState === 'stable' || this.#settingAnswer;
    this.#ignoringOffer = type === 'offer' && !polite && (this.#makingOffer || !stable);
    if (this.#ignoringOffer || this.#closed) return;
    if (type === 'answer' && connection.signalingState === 'stable' && this.#anew > 0) return;
    const was = this.fingerprint;
    this.fingerprint = fingerprintOf(sdp);
    // Somebody else would be heard and seen from the next description on: first nothing goes out any more.
    if (was !== null && was !== this.fingerprint) await this.parts.onFingerprint(true);
    this.#settingAnswer = type === 'answer';
    try {
      await connection.setRemoteDescription({ type, sdp });
    } catch (error) {
      if (this.#closed) return;
      throw error;
    } finally {
      this.#settingAnswer = false;
    }
    const first = this.remoteSession === null;
    this.remoteSession = sessionOf(sdp);
    if (was === null) await this.parts.onFingerprint(false);
    if (first && type === 'offer' && /^m=application /m.test(sdp)) this.channels = this.#newChannels();
    if (type === 'offer') await this.#answer();
  }

  /** @param {Candidate[]} candidates @returns {Promise<void>} */
  async reach(candidates) {
    for (const candidate of candidates) {
      try {
        await this.parts.connection.addIceCandidate(candidate);
      } catch (error) {
        // Candidates of an ignored offer, or of a connection the other end has since replaced, fit nothing here.
        if (!this.#ignoringOffer && !this.#closed && !(error instanceof DOMException)) throw error;
      }
    }
  }

  /** Send what this end may hear and see now. @returns {Promise<void>} */
  async refresh() {
    const tracks = this.parts.tracks();
    const changing = KINDS.map(async (kind) => {
      const sender = this.#transceiver(kind)?.sender;
      if (sender && sender.track !== tracks[kind]) await sender.replaceTrack(tracks[kind]);
    });
    await Promise.all(changing).catch((error) => {
      if (!this.#closed) throw error;
    });
  }

  /** Look for a new way through the network; media go on meanwhile. */
  restart() {
    if (this.#closed || this.remoteSession === null) return;
    this.parts.connection.restartIce();
    if (this.parts.connection.signalingState !== 'have-local-offer') return;
    this.#anew += 1;
    void this.#negotiate('have-local-offer');
  }

  /** As soon as sound or picture has come, or after a while: an end that sends nothing is heard as well. @param {() => void} act */
  whenHeard(act) {
    const tracks = this.parts.connection.getTransceivers().map(({ receiver }) => receiver.track);
    if (tracks.some(({ muted }) => !muted)) return act();
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      stopClock();
      act();
    };
    const stopClock = this.parts.clock.after(HEARD_WITHIN, done);
    for (const track of tracks) track.addEventListener('unmute', done, { once: true });
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#batch);
    this.repair.stop();
    this.parts.connection.close();
  }

  /** @returns {Channels} */
  #newChannels() {
    return new Channels(this.parts.connection, {
      onFrame: (name, frame) => !this.#closed && this.parts.onFrame(name, frame),
      onGone: () => {
        if (this.#closed) return;
        this.gone = true;
        this.parts.onState('gone');
      },
    });
  }

  /** @param {RTCSignalingState} [from] */
  async #negotiate(from = 'stable') {
    const { connection, send } = this.parts;
    if (this.#makingOffer || this.#closed || connection.signalingState !== from) return;
    this.#makingOffer = true;
    try {
      await connection.setLocalDescription();
      if (this.#closed || connection.localDescription?.type !== 'offer') return;
      this.#sentCandidates = 0;
      send({ type: 'offer', body: { sdp: connection.localDescription.sdp } });
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.#makingOffer = false;
    }
  }

  async #answer() {
    const { connection, tracks, send } = this.parts;
    const own = tracks();
    if (connection.localDescription === null) void fit(connection, BEGINNING, own.video);
    for (const kind of KINDS) {
      const transceiver = this.#transceiver(kind);
      if (!transceiver) continue;
      transceiver.direction = 'sendrecv';
      if (transceiver.sender.track !== own[kind]) void transceiver.sender.replaceTrack(own[kind]);
    }
    await connection.setLocalDescription();
    if (this.#closed || connection.localDescription === null) return;
    this.#sentCandidates = 0;
    send({ type: 'answer', body: { sdp: connection.localDescription.sdp } });
  }

  /** @param {'audio' | 'video'} kind */
  #transceiver(kind) {
    return this.parts.connection.getTransceivers().find((one) => one.receiver.track.kind === kind);
  }

  /** @param {RTCIceCandidate | null} candidate */
  #gather(candidate) {
    if (this.#closed) return;
    if (candidate !== null && this.#sentCandidates < CANDIDATES_AT_MOST) {
      this.#sentCandidates += 1;
      const { candidate: line = '', sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = candidate.toJSON();
      this.#gathered.push({ candidate: line, sdpMid, sdpMLineIndex, usernameFragment });
    }
    if (candidate === null || candidate.candidate === '') this.#flush();
    else this.#batch ??= setTimeout(() => this.#flush(), BATCH_MILLISECONDS);
  }

  #flush() {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    if (this.#gathered.length === 0) return;
    this.parts.send({ type: 'candidates', body: this.#gathered });
    this.#gathered = [];
  }

  #changed() {
    if (this.#closed) return;
    const state = this.parts.connection.connectionState;
    if (state === 'disconnected' || state === 'failed') this.repair.lost(state);
    if (state === 'connected') this.repair.stop();
    if (state === 'connected') this.parts.onState('connected');
    else if (state === 'disconnected' || state === 'failed') this.parts.onState('unsteady');
    else if (state === 'connecting' || state === 'new') this.parts.onState('connecting');
  }
}

/**
 * The session id of a description's origin line (RFC 8866, section 5.2): the same for every description of one
 * connection, another for another connection.
 * @param {string} sdp @returns {string}
 */
export function sessionOf(sdp) {
  return /^o=\S+ (\d+) /m.exec(sdp)?.[1] ?? '';
}

/**
 * The one SHA-256 fingerprint of a description (RFC 8122, section 5), in small hex digits; "" where it has none, or
 * several. Lines of other hashes are ignored.
 * @param {string} sdp @returns {string}
 */
export function fingerprintOf(sdp) {
  const found = new Set(Array.from(sdp.matchAll(/^a=fingerprint:sha-256 ([0-9a-f:]+)\s*$/gim), ([, value]) => value?.toLowerCase().replaceAll(':', '')));
  const [only = ''] = found;
  return found.size === 1 && only.length === 64 ? only : '';
}
