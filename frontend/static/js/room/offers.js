/** What is said about a file before, during and after it goes over the channel `files`: text frames. Pure. */
import { fault, id, text } from './shapes.js';

/** Bytes. */
export const FILE_AT_MOST = 25 * 1024 * 1024;
const NAME_AT_MOST = 120;
const FALLBACK = 'file';

/** @typedef {{type: 'offer', id: string, name: string, size: number, sha256: string}} Offer */
/** @typedef {{type: 'accept' | 'cancel' | 'received' | 'broken', id: string}} Answer */

/** @param {Offer | Answer} message @returns {string} */
export function writeOffer(message) {
  return JSON.stringify(message);
}

/** Null where the frame is not as agreed. @param {string} frame @returns {Offer | Answer | null} */
export function readOffer(frame) {
  let message;
  try {
    message = JSON.parse(frame);
  } catch {
    return null;
  }
  /** @type {import('./shapes.js').Shape} */
  const shape = message?.type === 'offer' ? { type: text, id, name: text, size: isSize, sha256: isHash } : { type: isAnswer, id };
  if (fault(message, shape) !== null) return null;
  return message.type === 'offer' ? { ...message, name: safeName(message.name) } : message;
}

/**
 * A name to save under: no folders, no signs that nobody sees or that turn the order of others, nothing a system would
 * take for something else; the ending stays.
 * @param {string} name @returns {string}
 */
export function safeName(name) {
  const plain = name
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/[<>:"/\\|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const [ending = ''] = /\.[\p{L}\p{N}]{1,10}$/u.exec(plain) ?? [];
  const stem = [...plain.slice(0, plain.length - ending.length)].slice(0, NAME_AT_MOST - ending.length).join('');
  return stem === '' ? FALLBACK + ending : stem + ending;
}

/** @param {unknown} value @returns {boolean} */
function isSize(value) {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= FILE_AT_MOST;
}

/** @param {unknown} value @returns {boolean} */
function isHash(value) {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** @param {unknown} value @returns {boolean} */
function isAnswer(value) {
  return typeof value === 'string' && ['accept', 'cancel', 'received', 'broken'].includes(value);
}
