/** Where the private sign is given: the time in the header, or the full stop on a keyboard. It looks like nothing. */

/** @typedef {import('./sign.js').Touches} Touches */

const KEY = '.';

/** @param {Touches} touches */
export function listenForSign(touches) {
  const place = document.querySelector('.room-when');
  place?.addEventListener('mousedown', (event) => event.preventDefault()); // the focus stays, and no word is marked
  place?.addEventListener('click', () => touches.touched());
  addEventListener('keydown', ({ key, repeat, target, ctrlKey, metaKey, altKey }) => {
    const isTyping = target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
    if (key === KEY && !repeat && !isTyping && !ctrlKey && !metaKey && !altKey) touches.touched();
  });
}
