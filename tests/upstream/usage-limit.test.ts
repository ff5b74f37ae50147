import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTime, roughDuration, usageLimitMessage } from '../../src/upstream/usage-limit.ts';

const nowMs = Date.UTC(2026, 10, 24, 12);
const at = (...parts: [number, number, number, number, number]): number => Date.UTC(...parts) / 1000;
const message = (planType: string | null, resetsAtSec: number | null = null, promo: string | null = null): string =>
  usageLimitMessage({ planType, resetsAtSec, promo, nowMs, timeZone: 'UTC' });

test('every plan gets the time to come back', () => {
  for (const plan of ['plus', 'team', 'business', 'free', 'go', 'pro']) {
    assert.match(message(plan), /^You've hit your usage limit\. .*or try again later\.$/, plan);
    assert.match(message(plan, at(2026, 10, 24, 8, 7)), /or try again at 8:07 AM\.$/, plan);
  }
  for (const plan of ['enterprise', 'edu', 'other', null]) {
    assert.equal(message(plan), "You've hit your usage limit. Try again later.");
    assert.equal(message(plan, at(2026, 10, 24, 8, 7)), "You've hit your usage limit. Try again at 8:07 AM.");
  }
});

test('the plans differ in what they are offered', () => {
  assert.match(message('plus'), /explore\/pro.*settings\/usage/);
  assert.match(message('free'), /explore\/plus\S*, or try/);
  assert.match(message('pro'), /settings\/usage or try/);
  assert.match(message('team'), /admin/);
  assert.equal(message('pro', null, 'Half price'), "You've hit your usage limit. Half price, or try again later.");
});

test('another day is named in full, in the time zone asked for', () => {
  const show = (atSec: number, timeZone = 'UTC'): string => localTime(atSec, { nowMs, timeZone });
  assert.equal(show(at(2026, 10, 25, 7, 7)), 'Nov 25th, 2026 7:07 AM');
  assert.equal(show(at(2033, 4, 18, 3, 33)), 'May 18th, 2033 3:33 AM');
  assert.equal(show(at(2026, 10, 24, 23, 30), 'Asia/Tokyo'), 'Nov 25th, 2026 8:30 AM');
  assert.equal(show(at(2026, 11, 1, 0, 0)), 'Dec 1st, 2026 12:00 AM');
  const days = [2, 3, 11, 12, 13, 21, 22, 23, 31].map((day) => show(at(2027, 0, day, 12, 0)).split(' ')[1]);
  assert.deepEqual(days, ['2nd,', '3rd,', '11th,', '12th,', '13th,', '21st,', '22nd,', '23rd,', '31st,']);
});

test('a time zone that Node does not know is no error', () => {
  assert.match(localTime(0, { nowMs, timeZone: ':/etc/localtime' }), /19(69|70)/);
});

test('the wait for a model is given roughly', () => {
  const shown = [0, 59, 60, 3599, 3600, 86_399, 86_400, 200_000].map(roughDuration);
  assert.deepEqual(shown, ['less than a minute', 'less than a minute', '1m', '59m', '1h', '23h', '1d', '2d']);
});
