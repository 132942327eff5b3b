import assert from 'node:assert/strict';
import test from 'node:test';
import { WORDS } from '../../frontend/static/js/room/wordlist.js';

/** How a word sounds, roughly: voiced and unvoiced alike, all vowels alike, silent letters gone. */
const SOUNDS = [
  [/^(kn|gn)/, 'n'], [/^wr/, 'r'], [/^wh/, 'w'], [/ght/g, 't'], [/gh/g, ''], [/ph/g, 'f'], [/tch|sh|ch/g, 'j'],
  [/dg(?=e)/g, 'j'], [/th/g, '0'], [/ck/g, 'k'], [/qu/g, 'kw'], [/x/g, 'ks'], [/c(?=[eiy])/g, 's'], [/c/g, 'k'],
  [/g(?=[eiy])/g, 'j'], [/mb$/, 'm'], [/z/g, 's'], [/v/g, 'f'], [/d/g, 't'], [/b/g, 'p'], [/g/g, 'k'],
  [/(.)\1+/g, '$1'], [/e$/, ''], [/[aeiouy]+/g, 'a'],
]; // prettier-ignore
const soundOf = (word) => SOUNDS.reduce((sound, [letters, heard]) => sound.replace(letters, heard), word);

const doubled = (values) => values.filter((value, at) => values.indexOf(value) !== at);

test('there are 1,024 plain words of four to seven small letters, in order', () => {
  assert.equal(WORDS.length, 1024);
  assert.deepEqual(WORDS.filter((word) => !/^[a-z]{4,7}$/.test(word)), []);
  assert.deepEqual([...WORDS].sort(), [...WORDS]);
});

test('no two begin with the same four letters', () => {
  assert.deepEqual(doubled(WORDS.map((word) => word.slice(0, 4))), []);
});

test('no two sound alike', () => {
  assert.deepEqual(doubled(WORDS.map(soundOf)), []);
});

test('no two are one letter apart', () => {
  const patterns = WORDS.flatMap((word) => {
    const letters = [...word];
    const gaps = letters.map((_, at) => `${word.slice(0, at)}_${word.slice(at + 1)}`);
    const more = Array.from({ length: word.length + 1 }, (_, at) => `${word.slice(0, at)}_${word.slice(at)}`);
    return [...new Set([...gaps, ...more])];
  });
  assert.deepEqual(doubled([...patterns].sort().filter((one, at, all) => one === all[at - 1])), []);
});
