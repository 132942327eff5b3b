/** Words that people write to each other in the room: one frame each on the channel `chat`. Pure; nothing is kept here. */
import { fault, id, listOf, text } from './shapes.js';

/** Characters (UTF-16, as a text field counts them); in UTF-8 that always fits a frame of this channel. */
export const TEXT_AT_MOST = 2000;
const SEATS_AT_MOST = 3;

/** `to`: the seats it goes to. @typedef {{text: string, to: string[]}} Said */

/** @param {Said} said @returns {string} */
export function writeSaid({ text, to }) {
  return JSON.stringify({ text, to });
}

/** What somebody wrote, or null where the frame is not as agreed. @param {unknown} frame @returns {Said | null} */
export function readSaid(frame) {
  if (typeof frame !== 'string') return null;
  let said;
  try {
    said = JSON.parse(frame);
  } catch {
    return null;
  }
  if (fault(said, { text, to: listOf(id) }) !== null || said.to.length > SEATS_AT_MOST) return null;
  const plain = plainText(said.text);
  return plain === '' || said.text.length > TEXT_AT_MOST ? null : { text: plain, to: said.to };
}

/** Whether a picture is a screen, which must be seen whole. @param {boolean} screen @returns {string} */
export function writeShowing(screen) {
  return JSON.stringify({ screen });
}

/** Null for any other frame. @param {unknown} frame @returns {boolean | null} */
export function readShowing(frame) {
  if (frame !== '{"screen":true}' && frame !== '{"screen":false}') return null;
  return frame === '{"screen":true}';
}

/**
 * Without signs that nobody sees or that turn the order of others (Unicode UAX 9); lines stay, space around goes.
 * @param {string} written @returns {string}
 */
export function plainText(written) {
  return written.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ').trim();
}
