/** A stand-in for RTCPeerConnection that keeps the rules of its signaling states, and a wire between two calls. */
import { Call } from '../../frontend/static/js/room/call.js';

let sessions = 0;

class FakeStream {
  tracks = [];
  addTrack(track) {
    this.tracks.push(track);
  }
}
globalThis.MediaStream = FakeStream;

const transceiverOf = (kind, track, encodings = [{}]) => ({
  direction: 'recvonly',
  receiver: { track: { kind } },
  sender: {
    track,
    async replaceTrack(next) {
      this.track = next;
    },
    getParameters: () => ({ encodings }),
    setParameters: async (parameters) => void (encodings = parameters.encodings),
  },
});

/** Frames arrive where both ends have the same number open and each has described the other's connection. */
class FakeChannel {
  readyState = 'connecting';
  sent = [];

  constructor(connection, options) {
    this.connection = connection;
    this.options = options;
  }

  send(frame) {
    this.sent.push(frame);
    const far = [...connections].find((other) => other.applied.includes(this.connection.localDescription.sdp));
    const channel = Object.values(far?.channels ?? {}).find(({ options }) => options.id === this.options.id);
    setImmediate(() => channel?.readyState === 'open' && channel.onmessage({ data: frame }));
  }
}

const connections = new Set();

export class FakeConnection {
  signalingState = 'stable';
  connectionState = 'new';
  localDescription = null;
  applied = [];
  restarts = 0;
  fingerprint = 'AA:'.repeat(31) + 'AA';
  channels = {};
  #session = (sessions += 1);
  #version = 0;
  #transceivers = [];

  constructor(configuration) {
    this.configuration = configuration;
    connections.add(this);
  }

  createDataChannel(label, options) {
    this.channels[label] = new FakeChannel(this, options);
    return this.channels[label];
  }

  addTransceiver(trackOrKind, { direction, sendEncodings }) {
    const track = typeof trackOrKind === 'string' ? null : trackOrKind;
    const transceiver = transceiverOf(track?.kind ?? trackOrKind, track, sendEncodings);
    this.#transceivers.push(Object.assign(transceiver, { direction }));
  }

  getTransceivers() {
    return this.#transceivers;
  }

  async setLocalDescription() {
    await null;
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    this.#version += 1;
    this.localDescription = { type, sdp: this.#describe() };
    this.signalingState = type === 'answer' ? 'stable' : 'have-local-offer';
    if (type === 'answer') this.becomes('connected');
  }

  #describe() {
    const data = Object.keys(this.channels).length ? 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n' : '';
    const origin = `o=- ${this.#session} ${this.#version} IN IP4 127.0.0.1\r\n`;
    return `v=0\r\n${origin}a=fingerprint:sha-256 ${this.fingerprint}\r\n${data}`;
  }

  async setRemoteDescription({ type, sdp }) {
    await null;
    if (this.signalingState === 'closed') throw new DOMException('closed', 'InvalidStateError');
    if (type === 'answer' && this.signalingState !== 'have-local-offer') {
      throw new DOMException('an answer to nothing', 'InvalidStateError');
    }
    this.applied.push(sdp); // an offer in have-local-offer rolls back by itself
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
    if (this.#transceivers.length === 0) this.#transceivers = ['audio', 'video'].map((kind) => transceiverOf(kind, null));
    for (const { receiver } of this.#transceivers) this.ontrack({ track: receiver.track });
    if (type === 'answer') this.becomes('connected');
  }

  async addIceCandidate(candidate) {
    this.applied.push(candidate.candidate);
  }

  restartIce() {
    this.restarts += 1;
    if (this.signalingState === 'stable') queueMicrotask(() => this.onnegotiationneeded());
  }

  gathers(candidate) {
    this.onicecandidate({ candidate: candidate === null ? null : { candidate, toJSON: () => ({ candidate, sdpMid: '0' }) } });
  }

  becomes(state) {
    if (this.connectionState === state || this.signalingState === 'closed') return;
    this.connectionState = state;
    if (state === 'connected') for (const channel of Object.values(this.channels)) channel.readyState = 'open';
    this.onconnectionstatechange();
  }

  close() {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
    for (const channel of Object.values(this.channels)) channel.readyState = 'closed';
  }
}

/** Everybody may hear and see everything. */
const OPEN = { hears: () => 'all', described() {}, linkIs() {}, left() {} };

/** One page: its call, every connection it made, everything it sent and was told. */
export function page(own, deliver, guard = OPEN) {
  const seen = { connections: [], sent: [], streams: [], states: [], frames: [], faults: [] };
  const waits = new Set();
  const call = new Call({
    own,
    ice: { servers: [{ urls: 'stun:stun.example' }], policy: 'relay' },
    certificate: 'certificate of this call',
    tracks: { audio: { kind: 'audio', of: own }, video: null },
    guard,
    clock: {
      after: (milliseconds, act) => {
        const wait = { milliseconds, act };
        waits.add(wait);
        return () => waits.delete(wait);
      },
    },
    send: (message) => {
      seen.sent.push(message);
      deliver(own, message);
      return true;
    },
    connect: (configuration) => {
      const connection = new FakeConnection(configuration);
      seen.connections.push(connection);
      return connection;
    },
    onStream: (seat, stream) => seen.streams.push([seat, stream]),
    onState: (seat, state) => seen.states.push([seat, state]),
    onFrame: (seat, name, frame) => seen.frames.push([seat, name, frame]),
    onFault: (error) => seen.faults.push(error),
  });
  const strike = () => {
    const [wait] = waits;
    waits.delete(wait);
    wait.act();
  };
  return { call, ...seen, waits: () => [...waits], strike };
}

/** Two pages with the server between them; `lose` decides which messages never arrive. */
export function two(lose = () => false, guard = OPEN) {
  const seats = { small: '1'.repeat(32), large: '9'.repeat(32) };
  const pages = {};
  const deliver = (from, { to, ...message }) => {
    if (!lose(message)) setImmediate(() => pages[to]?.call.receive({ ...message, from }));
  };
  for (const seat of Object.values(seats)) pages[seat] = page(seat, deliver, guard);
  return { seats, small: pages[seats.small], large: pages[seats.large] };
}

/** Everything that was under way has arrived. */
export async function settled() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
