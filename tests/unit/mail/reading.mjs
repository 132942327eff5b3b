// What calendar files say, read by ical.js: an array of texts on stdin, an array of what they mean on stdout.
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents('vevent').map((part) => {
    const event = new ICAL.Event(part, { strictExceptions: true });
    return {
      uid: event.uid,
      sequence: event.sequence,
      status: part.getFirstPropertyValue('status'),
      summary: event.summary,
      starts_at: event.startDate.toString(),
      ends_at: event.endDate.toString(),
      attendees: event.attendees.map((each) => each.getFirstValue()),
      organizer: event.organizer,
    };
  });
  return { method: calendar.getFirstPropertyValue('method'), events };
};

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(read)));
