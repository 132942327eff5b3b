/**
 * The links of this page to every other seat in the room: who offers, which link carries the picture, and how
 * one link takes over from another without a gap.
 */
import { Link, sessionOf } from './link.js';

/** @typedef {import('./link.js').Tracks} Tracks */
/** @typedef {import('./link.js').Signal} Signal */
/** @typedef {import('./link.js').LinkState} LinkState */
/** @typedef {import('./channels.js').ChannelName} ChannelName */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {import('./protocol.js').Ice} Ice */
/** @typedef {import('./protocol.js').Outgoing} Outgoing */
/** @typedef {Extract<import('./protocol.js').Incoming, {from: string}>} Relayed */
/**
 * Who may hear and see what, by seat and the fingerprint of the connection's other end (null: not known yet), and who
 * wants to know of changes.
 * @typedef {{hears: (seat: string, fingerprint: string | null) => 'all' | 'voice' | 'none',
 *   described: (seat: string, changed: boolean) => void, linkIs: (seat: string, state: LinkState) => void,
 *   left: (seat: string) => void}} Guard
 */
/**
 * @typedef {{own: string, ice: Ice, certificate: RTCCertificate, tracks: Tracks, clock: Pick<import('./signaling.js').Clock, 'after'>,
 *   guard: Guard, send: (message: Outgoing) => boolean,
 *   connect: (configuration: RTCConfiguration) => RTCPeerConnection,
 *   onStream: (seat: string, stream: MediaStream) => void,
 *   onState: (seat: string, state: LinkState) => void,
 *   onFrame: (seat: string, name: ChannelName, frame: Frame | null, link: Link) => void,
 *   onFault: (error: unknown) => void}} CallParts
 */
/**
 * What stands between us and one seat. `shown` is the link that counts; while `next` comes up it goes on playing. `last`
 * plays until something has come over the one that took its place.
 * @typedef {{shown: Link | null, next: Link | null, last: Link | null, turn: Promise<void>}} Pair
 */

/** @param {RTCConfiguration} configuration */
export const browserConnection = (configuration) => new RTCPeerConnection(configuration);

/** A certificate of this call alone (security.md, section 5). @returns {Promise<RTCCertificate>} */
export function newCertificate() {
  return RTCPeerConnection.generateCertificate(
    /** @type {EcKeyGenParams} */ ({ name: 'ECDSA', namedCurve: 'P-256' }),
  );
}

export class Call {
  /** @type {Map<string, Pair>} */
  #pairs = new Map();

  /** @param {CallParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Somebody came in, or came back on a new socket: the one who was here offers. @param {string} seat */
  joined(seat) {
    const link = this.#newLink(seat);
    this.#inTurn(seat, () => link.offer());
  }

  /** What another seat sent us through the server. @param {Relayed} message */
  receive(message) {
    const { from } = message;
    this.#inTurn(from, async () => {
      if (message.type === 'offer') await this.#offered(from, message.body.sdp);
      else if (message.type === 'answer') await this.#newest(from)?.describe('answer', message.body.sdp);
      else await this.#newest(from)?.reach(message.body);
    });
  }

  /**
   * Our socket was away: what was offered meanwhile never arrived. Links that carry media go on.
   * @param {Ice} ice @param {string[]} present seats that are in the room now
   */
  resumed(ice, present) {
    this.parts.ice = ice;
    for (const [seat, pair] of this.#pairs) {
      for (const link of [pair.next, pair.shown]) {
        if (link !== null && link.remoteSession === null) this.#drop(seat, link);
      }
      if (!present.includes(seat) && !this.carries(seat)) this.left(seat);
    }
  }

  /** Whether media can flow to and from that seat now. @param {string} seat */
  carries(seat) {
    const shown = this.#pairs.get(seat)?.shown;
    return shown?.parts.connection.connectionState === 'connected' && !shown.gone;
  }

  /** @param {string} seat */
  left(seat) {
    const pair = this.#pairs.get(seat);
    this.#pairs.delete(seat);
    for (const link of linksOf(pair)) link.close();
    if (pair) this.parts.guard.left(seat);
  }

  /** The link whose stream is on the page. @param {string} seat @returns {Link | null} */
  shown(seat) {
    return this.#pairs.get(seat)?.shown ?? null;
  }

  /** What this seat may hear and see is decided anew. @param {string} seat @returns {Promise<void>} */
  async refresh(seat) {
    await Promise.all(linksOf(this.#pairs.get(seat)).map((link) => link.refresh()));
  }

  /** Send these tracks to everyone from now on. @param {Tracks} tracks */
  async replaceTracks(tracks) {
    this.parts.tracks = tracks;
    await Promise.all(this.#links().map((link) => link.refresh()));
  }

  /**
   * Say something to one seat on a data channel.
   * @param {string} seat @param {ChannelName} name @param {Frame} frame
   * @returns {boolean} whether it went on its way @throws {RangeError} when the frame is over the bound of this channel
   */
  say(seat, name, frame) {
    return this.#speaking(seat, name)?.channels?.send(name, frame) ?? false;
  }

  /**
   * As `say`, but to an end alone that may hear and see all: nothing is written or handed to whom nothing is shown.
   * @param {string} seat @param {ChannelName} name @param {Frame} frame @returns {boolean} @throws {RangeError}
   */
  confide(seat, name, frame) {
    const link = this.#speaking(seat, name);
    if (!link || this.parts.guard.hears(seat, link.fingerprint) !== 'all') return false;
    return link.channels?.send(name, frame) ?? false;
  }

  /** The open channel to one seat, for who must watch what is buffered. @param {string} seat @param {ChannelName} name */
  channel(seat, name) {
    return this.#speaking(seat, name)?.channels?.opened(name) ?? null;
  }

  /** Whether there are others, and nothing comes from or goes to any of them now. */
  get isCut() {
    const seats = [...this.#pairs.keys()];
    return seats.length > 0 && !seats.some((seat) => this.carries(seat));
  }

  /** Those whose streams are on the page. @returns {[string, RTCPeerConnection][]} */
  get connections() {
    return [...this.#pairs].flatMap(([seat, { shown }]) => (shown ? [[seat, shown.parts.connection]] : []));
  }

  /** The network changed under us. */
  restart() {
    for (const link of this.#links()) link.restart();
  }

  close() {
    for (const seat of [...this.#pairs.keys()]) this.left(seat);
  }

  /** @param {string} from @param {string} sdp */
  async #offered(from, sdp) {
    const link = this.#newest(from);
    if (link === null || (link.remoteSession !== null && link.remoteSession !== sessionOf(sdp))) {
      await this.#newLink(from).describe('offer', sdp);
    } else if (link.remoteSession === null && link.parts.polite) {
      // Both made their first offer at once. Rolling back would leave transceivers that match none of theirs.
      this.#drop(from, link);
      await this.#newLink(from).describe('offer', sdp);
    } else {
      await link.describe('offer', sdp);
    }
  }

  /** @param {string} seat @returns {Link} */
  #newLink(seat) {
    const { own, ice, certificate, guard, clock, connect, send, onStream, onState, onFrame } = this.parts;
    const pair = this.#pair(seat);
    pair.next?.close();
    const connection = connect({
      iceServers: ice.servers,
      iceTransportPolicy: ice.policy,
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      certificates: [certificate],
    });
    /** @type {Link} */
    const link = new Link({
      connection,
      polite: own > seat,
      clock,
      tracks: () => this.#tracksFor(seat, link.fingerprint),
      onFingerprint: (changed) => {
        guard.described(seat, changed);
        return link.refresh();
      },
      send: (signal) => void send(addressed(signal, seat)),
      onTrack: () => link === pair.shown && onStream(seat, link.stream),
      onFrame: (name, frame) => onFrame(seat, name, frame, link),
      onState: (state) => {
        if (link === pair.next && state === 'connected') this.#promote(seat, pair);
        if (link !== pair.shown) return;
        onState(seat, state);
        guard.linkIs(seat, state);
      },
    });
    if (pair.shown === null) pair.shown = link;
    else pair.next = link;
    return link;
  }

  /** @param {string} seat @param {string | null} fingerprint @returns {Tracks} */
  #tracksFor(seat, fingerprint) {
    const { tracks, guard } = this.parts;
    const hears = guard.hears(seat, fingerprint);
    if (hears === 'all') return tracks;
    return { audio: hears === 'voice' ? tracks.audio : null, video: null };
  }

  /** The new link carries media: it takes over. @param {string} seat @param {Pair} pair */
  #promote(seat, pair) {
    const link = pair.next;
    if (link === null) return;
    pair.last?.close();
    const last = pair.shown;
    Object.assign(pair, { shown: link, next: null, last });
    link.whenHeard(() => {
      last?.close();
      if (pair.last === last) pair.last = null;
      if (pair.shown === link) this.parts.onStream(seat, link.stream);
    });
  }

  /** @param {string} seat @param {Link} link */
  #drop(seat, link) {
    const pair = this.#pair(seat);
    link.close();
    if (pair.next === link) pair.next = null;
    if (pair.shown === link) pair.shown = null;
  }

  /**
   * One thing after the other with each seat: descriptions and candidates keep their order. One that fails is
   * told and does not stop the next.
   * @param {string} seat @param {() => Promise<void>} act
   */
  #inTurn(seat, act) {
    const pair = this.#pair(seat);
    const current = () => this.#pairs.get(seat) === pair;
    pair.turn = pair.turn
      .then(() => (current() ? act() : undefined))
      .catch((error) => (current() ? this.parts.onFault(error) : undefined));
  }

  /** @param {string} seat @returns {Pair} */
  #pair(seat) {
    let pair = this.#pairs.get(seat);
    if (pair === undefined) {
      pair = { shown: null, next: null, last: null, turn: Promise.resolve() };
      this.#pairs.set(seat, pair);
    }
    return pair;
  }

  /** @param {string} seat @returns {Link | null} */
  #newest(seat) {
    const pair = this.#pairs.get(seat);
    return pair?.next ?? pair?.shown ?? null;
  }

  /** The link whose channel is open: the other end may have taken the next one for its own already. @param {string} seat @param {ChannelName} name */
  #speaking(seat, name) {
    const pair = this.#pairs.get(seat);
    return [pair?.shown, pair?.next].find((link) => link?.channels?.opened(name)) ?? null;
  }

  /** @returns {Link[]} */
  #links() {
    return [...this.#pairs.values()].flatMap(linksOf);
  }
}

/** @param {Pair} [pair] @returns {Link[]} */
function linksOf(pair) {
  return pair === undefined ? [] : [pair.shown, pair.next, pair.last].filter((link) => link !== null);
}

/** @param {Signal} signal @param {string} to @returns {Outgoing} */
function addressed(signal, to) {
  return signal.type === 'candidates' ? { type: 'candidates', to, body: signal.body } : { type: signal.type, to, body: signal.body };
}
