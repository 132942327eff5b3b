/**
 * How safety words follow from one connection: the twin of signaling/words.py. Pure, but for the browser's hashes.
 * docs/safety-words.md has the formulas.
 */
import { WORDS } from './wordlist.js';

/** Bytes as every formula takes them. @typedef {Uint8Array<ArrayBuffer>} Bytes */
/**
 * What both ends must see alike; ids of 16 bytes, fingerprints of 32. `I` is the seat with the smaller id, `R` the other.
 * @typedef {{appointment: Bytes, call: Bytes, idI: Bytes, idR: Bytes, fpI: Bytes, fpR: Bytes}} Facts
 */

export const WORDS_READ = 4;
const BITS = 10;
const OKM_BYTES = 6;

/** @param {Facts} facts @returns {Bytes} ctx */
export function contextOf({ appointment, call, idI, idR, fpI, fpR }) {
  return joined(...[text('TSAS1'), appointment, call, idI, idR, fpI, fpR].map(lp));
}

/** What binds I to its nonce before it sees the other's. @param {Bytes} context @param {Bytes} nonce @returns {Promise<Bytes>} c */
export function commitmentOf(context, nonce) {
  return sha256(joined(lp(text('TSAS1-commit')), context, lp(nonce)));
}

/**
 * @param {Bytes} context @param {Bytes} commitment @param {Bytes} nonceI @param {Bytes} nonceR
 * @returns {Promise<Bytes>} okm, 6 bytes
 */
export async function okmOf(context, commitment, nonceI, nonceR) {
  const secret = await sha256(joined(context, commitment));
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const salt = joined(nonceI, nonceR);
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info: text('TSAS1-sas') };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, OKM_BYTES * 8));
}

/** Four words, of the first 40 bits. @param {Bytes} okm @returns {string[]} */
export function wordsOf(okm) {
  return Array.from({ length: WORDS_READ }, (_, at) => wordAt(bitsOf(okm, at * BITS, BITS)));
}

/** Three numbers of the first 39 bits; they check the derivation only. @param {Bytes} okm @returns {string} */
export function digitsOf(okm) {
  return [0, 13, 26].map((at) => bitsOf(okm, at, 13) + 1000).join('-');
}

/** Three sets of words that share none with these, nor with each other. @param {string[]} words @param {(length: number) => Bytes} random @returns {string[][]} */
export function decoysOf(words, random) {
  const used = new Set(words);
  return Array.from({ length: 3 }, () =>
    Array.from({ length: WORDS_READ }, () => {
      let word;
      do word = wordAt(bitsOf(random(2), 0, BITS));
      while (used.has(word));
      used.add(word);
      return word;
    }),
  );
}

/** @param {ArrayBuffer | Bytes} bytes @returns {Promise<Bytes>} */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** @param {Bytes} one @param {Bytes} other @returns {boolean} */
export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** @param {Bytes} bytes @returns {string} */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} hex an even number of digits @returns {Bytes} */
export function bytesOf(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/** @param {number} index @returns {string} */
function wordAt(index) {
  return /** @type {string} */ (WORDS[index]); // ten bits, and there are 1,024
}

/** @param {Bytes} bytes @param {number} from @param {number} length @returns {number} */
function bitsOf(bytes, from, length) {
  let value = 0;
  for (let at = from; at < from + length; at += 1) value = value * 2 + (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
  return value;
}

/** u32be(len(x)) || x @param {Bytes} bytes @returns {Bytes} */
function lp(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined(length, bytes);
}

/** @param {...Bytes} parts @returns {Bytes} */
function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {string} words ASCII @returns {Bytes} */
function text(words) {
  return new TextEncoder().encode(words);
}
