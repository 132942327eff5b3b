/**
 * Files from page to page: offered with name, size and hash, sent only when accepted, checked by their hash at the end,
 * cancelled from either side. One at a time in each direction with each seat, so that bare chunks need no number.
 */
import { FILE_AT_MOST, readOffer, safeName, writeOffer } from './offers.js';

/** @typedef {import('./offers.js').Offer} Offer */
/** @typedef {import('./offers.js').Answer} Answer */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {'offered' | 'moving' | 'done' | 'cancelled' | 'refused' | 'broken' | 'lost'} TransferState */
/**
 * One file on its way; `moved`: bytes so far. `file`: what is sent, or what has come whole.
 * @typedef {{id: string, seat: string, isOurs: boolean, name: string, size: number, sha256: string, state: TransferState,
 *   moved: number, file: Blob | null, chunks: ArrayBuffer[]}} Transfer
 */
/**
 * `channel`: the open channel to a seat, which is another one after the link was made anew.
 * @typedef {{say: (seat: string, frame: Frame) => boolean, channel: (seat: string) => RTCDataChannel | null,
 *   hash: (file: Blob) => Promise<string>, newId: () => string, onChange: (transfer: Transfer) => void}} FileParts
 */

/** Bytes of a chunk: every browser takes frames of this size (RFC 8831, section 6.6). */
const CHUNK = 16 * 1024;
/** More buffered bytes than this wait until it is `LOW` again. */
const HIGH = 1024 * 1024;
const LOW = 256 * 1024;

export class Files {
  /** @type {Map<string, Transfer>} */
  #transfers = new Map();

  /** @param {FileParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /**
   * Offer a file to one seat.
   * @param {string} seat @param {File} file @returns {Promise<'offered' | 'empty' | 'large' | 'busy' | 'away'>}
   */
  async offer(seat, file) {
    if (file.size === 0) return 'empty';
    if (file.size > FILE_AT_MOST) return 'large';
    const sha256 = await this.parts.hash(file);
    if (this.#open(seat, true)) return 'busy';
    const offer = { id: this.parts.newId(), name: safeName(file.name), size: file.size, sha256 };
    if (!this.#tell(seat, { type: 'offer', ...offer })) return 'away';
    this.#begin({ ...offer, seat, isOurs: true, state: 'offered', moved: 0, file, chunks: [] });
    return 'offered';
  }

  /** Take what is offered. @param {string} id */
  accept(id) {
    const transfer = this.#transfers.get(id);
    if (!transfer || transfer.isOurs || transfer.state !== 'offered') return;
    if (this.#tell(transfer.seat, { type: 'accept', id })) this.#become(transfer, 'moving');
    else this.#become(transfer, 'lost');
  }

  /** From this side, at any time. @param {string} id */
  cancel(id) {
    const transfer = this.#transfers.get(id);
    if (!transfer || isOver(transfer)) return;
    this.#tell(transfer.seat, { type: 'cancel', id });
    this.#become(transfer, 'cancelled');
  }

  /** @param {string} seat @param {Frame | null} frame */
  async receive(seat, frame) {
    if (frame instanceof ArrayBuffer) return this.#chunk(seat, frame);
    const message = frame === null ? null : readOffer(frame);
    if (message === null) return undefined;
    if (message.type === 'offer') return this.#offered(seat, message);
    const transfer = this.#transfers.get(message.id);
    return transfer?.seat === seat && !isOver(transfer) ? this.#answered(transfer, message.type) : undefined;
  }

  /** Nobody is at the other end any more. @param {string} seat */
  left(seat) {
    for (const transfer of this.#transfers.values()) {
      if (transfer.seat === seat && !isOver(transfer)) this.#become(transfer, 'lost');
    }
  }

  clear() {
    for (const transfer of this.#transfers.values()) {
      transfer.state = isOver(transfer) ? transfer.state : 'lost';
      transfer.chunks = [];
      transfer.file = null;
    }
    this.#transfers.clear();
  }

  /** @param {string} seat @param {Offer} offer */
  #offered(seat, { id, name, size, sha256 }) {
    if (this.#open(seat, false) || this.#transfers.has(id)) return void this.#tell(seat, { type: 'cancel', id });
    return this.#begin({ id, seat, isOurs: false, name, size, sha256, state: 'offered', moved: 0, file: null, chunks: [] });
  }

  /** @param {Transfer} transfer @param {Answer['type']} type */
  #answered(transfer, type) {
    if (type === 'cancel') return this.#become(transfer, transfer.isOurs && transfer.state === 'offered' ? 'refused' : 'cancelled');
    if (!transfer.isOurs) return undefined;
    if (type === 'accept' && transfer.state === 'offered') return this.#send(transfer);
    if (type === 'received' && transfer.moved === transfer.size) return this.#become(transfer, 'done');
    if (type === 'broken') return this.#become(transfer, 'broken');
    return undefined;
  }

  /** @param {Transfer} transfer */
  async #send(transfer) {
    const channel = this.parts.channel(transfer.seat);
    this.#become(transfer, 'moving');
    if (channel) channel.bufferedAmountLowThreshold = LOW;
    while (transfer.state === 'moving' && transfer.moved < transfer.size && transfer.file) {
      const chunk = await transfer.file.slice(transfer.moved, transfer.moved + CHUNK).arrayBuffer();
      if (channel && channel.bufferedAmount > HIGH) await drained(channel);
      if (transfer.state !== 'moving') return;
      // On another link than it began on, nobody knows what has arrived.
      if (channel === null || this.parts.channel(transfer.seat) !== channel || !this.parts.say(transfer.seat, chunk)) {
        this.#tell(transfer.seat, { type: 'cancel', id: transfer.id });
        return this.#become(transfer, 'lost');
      }
      transfer.moved += chunk.byteLength;
      this.parts.onChange(transfer);
    }
  }

  /** @param {string} seat @param {ArrayBuffer} chunk */
  async #chunk(seat, chunk) {
    const transfer = this.#open(seat, false);
    if (transfer?.state !== 'moving') return undefined; // under way when we cancelled
    if (transfer.moved + chunk.byteLength > transfer.size) return this.#broken(transfer);
    transfer.chunks.push(chunk);
    transfer.moved += chunk.byteLength;
    this.parts.onChange(transfer);
    return transfer.moved === transfer.size ? this.#check(transfer) : undefined;
  }

  /** @param {Transfer} transfer */
  async #check(transfer) {
    const file = new Blob(transfer.chunks, { type: 'application/octet-stream' });
    transfer.chunks = [];
    const sha256 = await this.parts.hash(file);
    if (isOver(transfer)) return undefined;
    if (sha256 !== transfer.sha256) return this.#broken(transfer);
    transfer.file = file;
    this.#tell(transfer.seat, { type: 'received', id: transfer.id });
    return this.#become(transfer, 'done');
  }

  /** @param {Transfer} transfer */
  #broken(transfer) {
    this.#tell(transfer.seat, { type: 'broken', id: transfer.id });
    this.#become(transfer, 'broken');
  }

  /** @param {Transfer} transfer */
  #begin(transfer) {
    this.#transfers.set(transfer.id, transfer);
    this.parts.onChange(transfer);
  }

  /** @param {Transfer} transfer @param {TransferState} state */
  #become(transfer, state) {
    transfer.state = state;
    if (isOver(transfer)) {
      transfer.chunks = [];
      if (transfer.isOurs || state !== 'done') transfer.file = null;
    }
    this.parts.onChange(transfer);
  }

  /** @param {string} seat @param {boolean} isOurs @returns {Transfer | undefined} */
  #open(seat, isOurs) {
    return [...this.#transfers.values()].find((each) => each.seat === seat && each.isOurs === isOurs && !isOver(each));
  }

  /** @param {string} seat @param {Offer | Answer} message @returns {boolean} */
  #tell(seat, message) {
    return this.parts.say(seat, writeOffer(message));
  }
}

/** @param {Transfer} transfer @returns {boolean} */
export function isOver({ state }) {
  return state !== 'offered' && state !== 'moving';
}

/** SHA-256 in hex digits. @param {Blob} file @returns {Promise<string>} */
export async function hashOf(file) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Until less is buffered, or the channel is closed. @param {RTCDataChannel} channel @returns {Promise<void>} */
function drained(channel) {
  return new Promise((resolve) => {
    for (const event of ['bufferedamountlow', 'close']) channel.addEventListener(event, () => resolve(), { once: true });
  });
}
