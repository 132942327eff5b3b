/**
 * The data channels between two pages. Both ends open them under the same numbers, so they cost no message and
 * nobody waits for the other's. What is said on them passes through no server.
 */

/** @typedef {'words' | 'chat' | 'files' | 'private'} ChannelName */
/** @typedef {string | ArrayBuffer} Frame */
/** `onFrame` gets null for a frame over the bound. @typedef {{onFrame: (name: ChannelName, frame: Frame | null) => void, onGone: () => void}} ChannelEvents */

/** Number of each channel, and the longest frame on it in bytes. @type {Readonly<{[name in ChannelName]: {id: number, most: number}}>} */
export const CHANNELS = Object.freeze({
  words: { id: 0, most: 512 },
  chat: { id: 1, most: 16384 },
  files: { id: 2, most: 65536 },
  private: { id: 3, most: 1024 },
});

const NAMES = /** @type {ChannelName[]} */ (Object.keys(CHANNELS));
const encoder = new TextEncoder();

export class Channels {
  /** @type {Map<ChannelName, RTCDataChannel>} */
  #channels = new Map();

  /** @param {RTCPeerConnection} connection @param {ChannelEvents} events */
  constructor(connection, { onFrame, onGone }) {
    for (const name of NAMES) {
      const channel = connection.createDataChannel(name, { negotiated: true, id: CHANNELS[name].id });
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }) => onFrame(name, fits(name, data) ? data : null);
      this.#channels.set(name, channel);
    }
    // ICE takes many seconds to see that the other end is gone; a data channel closes with its connection.
    this.#of('words').onclose = onGone;
  }

  /** The channel, for who must watch what is buffered; null while it is not open. @param {ChannelName} name @returns {RTCDataChannel | null} */
  opened(name) {
    const channel = this.#of(name);
    return channel.readyState === 'open' ? channel : null;
  }

  /**
   * @param {ChannelName} name @param {Frame} frame
   * @returns {boolean} whether it went on its way; not while the channel is not open, or full
   * @throws {RangeError} when the frame is over the bound, for the other end would not take it
   */
  send(name, frame) {
    if (!fits(name, frame)) throw new RangeError(`a frame too long for ${name}`);
    const channel = this.opened(name);
    if (channel === null) return false;
    try {
      channel.send(/** @type {string} */ (frame)); // its two overloads take the same two kinds
    } catch {
      return false; // more is buffered than the browser keeps
    }
    return true;
  }

  /** @param {ChannelName} name @returns {RTCDataChannel} */
  #of(name) {
    return /** @type {RTCDataChannel} */ (this.#channels.get(name));
  }
}

/** @param {ChannelName} name @param {unknown} frame @returns {boolean} */
function fits(name, frame) {
  if (frame instanceof ArrayBuffer) return frame.byteLength <= CHANNELS[name].most;
  return typeof frame === 'string' && encoder.encode(frame).length <= CHANNELS[name].most;
}
