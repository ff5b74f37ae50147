import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeRateLimits, rateLimitsOf } from '../../src/upstream/rate-limits.ts';

const EMPTY = { primary: null, secondary: null, credits: null, planType: null };

test('a response without limit headers gives an empty snapshot', () => {
  assert.deepEqual(rateLimitsOf({}), EMPTY);
});

test('windows and credits are read as they are sent', () => {
  const snapshot = rateLimitsOf({
    'x-codex-primary-used-percent': '12.5',
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': '2000000000',
    'x-codex-secondary-used-percent': '37.4',
    'x-codex-credits-has-credits': 'TRUE',
    'x-codex-credits-unlimited': '0',
    'x-codex-credits-balance': ' 9.99 ',
  });
  assert.deepEqual(snapshot, {
    primary: { usedPercent: 12.5, windowDurationMins: 300, resetsAt: 2_000_000_000 },
    secondary: { usedPercent: 37.4, windowDurationMins: null, resetsAt: null },
    credits: { hasCredits: true, unlimited: false, balance: '9.99' },
    planType: null,
  });
});

test('an untouched window without length and end is none', () => {
  const used = 'x-codex-primary-used-percent';
  assert.equal(rateLimitsOf({ [used]: '0' }).primary, null);
  assert.equal(rateLimitsOf({ [used]: '0.0', 'x-codex-primary-window-minutes': '0' }).primary, null);
  assert.notEqual(rateLimitsOf({ [used]: '0', 'x-codex-primary-window-minutes': '5' }).primary, null);
  assert.notEqual(rateLimitsOf({ [used]: '0', 'x-codex-primary-reset-at': '5' }).primary, null);
  assert.equal(rateLimitsOf({ 'x-codex-primary-window-minutes': '5' }).primary, null);
});

test('what cannot be read counts as not sent', () => {
  for (const percent of ['', 'many', 'NaN', 'Infinity', '1e400']) {
    assert.equal(rateLimitsOf({ 'x-codex-primary-used-percent': percent }).primary, null, percent);
  }
  assert.equal(rateLimitsOf({ 'x-codex-credits-has-credits': 'true' }).credits, null);
  for (const word of ['yes', 'constructor']) {
    const credits = { 'x-codex-credits-has-credits': word, 'x-codex-credits-unlimited': word };
    assert.equal(rateLimitsOf(credits).credits, null, word);
  }
  const blank = {
    'x-codex-credits-has-credits': '1',
    'x-codex-credits-unlimited': '1',
    'x-codex-credits-balance': ' ',
  };
  assert.equal(rateLimitsOf(blank).credits?.balance, null);
});

test('credits and plan outlive a snapshot without them, windows do not', () => {
  const window = { usedPercent: 1, windowDurationMins: null, resetsAt: null };
  const credits = { hasCredits: true, unlimited: false, balance: null };
  const before = { primary: window, secondary: window, credits, planType: 'pro' as const };
  assert.deepEqual(mergeRateLimits(before, EMPTY), { primary: null, secondary: null, credits, planType: 'pro' });
  assert.deepEqual(mergeRateLimits(null, EMPTY), EMPTY);
});
