/** What happens at the door, as the page shows and says it; `door` is the therapist's part of the page. */

/** @typedef {import('./door.js').Door} Door */
/** @typedef {import('./protocol.js').Incoming} Incoming */
/** @typedef {import('./view.js').View} View */
/** @typedef {Extract<Incoming, {type: 'knocking' | 'gone' | 'locked' | 'missing' | 'signal'}>} AtTheDoor */

/** @param {View} view @param {Door | null} door @param {AtTheDoor} message */
export function atTheDoor(view, door, message) {
  if (message.type === 'locked') {
    door?.locked(message.locked);
    if (door) view.say(message.locked ? 'locked' : 'unlocked');
  } else if (message.type === 'knocking') {
    door?.knocks(message);
    view.say('knocks', message.name);
  } else if (message.type === 'missing') {
    door?.missing(message.seats);
  } else if (message.type === 'signal') {
    door?.signal(message.name, message.kind);
    view.say(message.kind, message.name);
  } else {
    door?.gone(message.seat);
  }
}
