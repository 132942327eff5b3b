/** The sentences of the templates, by key. Part of the view: it reads the page. */
import { part } from './tiles.js';

/**
 * One sentence with its names filled in; of an unknown key, the one for what was our fault.
 * @param {HTMLElement} room @param {string} key @param {{name?: string, apart?: string}} [names] @returns {string}
 */
export function sentence(room, key, { name = '', apart = '' } = {}) {
  const sentences = part(room, '#sentences');
  const found = sentences.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? part(sentences, '[data-key="error"]');
  return (found.textContent ?? '').replaceAll('{name}', name).replaceAll('{apart}', apart);
}
