import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../support/box.ts';
import { completed, created, failed, functionCall, says } from '../support/model-events.ts';
import { type Reply, status, stream } from '../support/model-server.ts';
import { png } from '../support/png.ts';

const URL = 'data:image/png;base64,AAAA';
const withImage = (text: string): object[] => [
  { type: 'text', text },
  { type: 'image', url: URL },
];
const hasImages = (input: readonly Item[]): boolean => JSON.stringify(input).includes('"input_image"');
const NOTE = /\[There was an image here\./;

const REFUSALS: readonly (readonly [string, Reply])[] = [
  [
    'the words of the service',
    status(400, { error: { message: 'The image data you provided does not represent a valid image.' } }),
  ],
  ['invalid_image', status(400, { error: { code: 'invalid_image', message: 'no' } })],
  ['image_parse_error', status(400, { error: { code: 'image_parse_error', message: 'no' } })],
  ['an unsupported image', status(400, { error: { message: 'You uploaded an unsupported image.' } })],
  ['an image that is too large', status(400, { error: { message: 'image exceeds 5 MB maximum' } })],
  ['a member that is an image', status(400, { error: { param: 'input[3].content[1].image_url', message: 'no' } })],
  ['a model without eyes', status(400, { error: { message: 'This model does not support image inputs' } })],
  ['plain text', status(400, 'Invalid image data')],
  ['a body too large for its image', status(413, { error: { message: 'The image is too large' } })],
  ['a place in a schema', status(422, { detail: [{ loc: ['body', 'input', 0, 'image_url'], msg: 'no' }] })],
  ['words of a schema', status(422, { detail: [{ loc: ['body'], msg: 'images are not supported' }] })],
  ['an error in a list', status(400, [{ error: { code: 400, message: 'Unable to process input image.' } }])],
  ['response.failed', stream(created(), failed('image_parse_error', 'no'))],
  ['response.failed in words', stream(created(), failed('invalid_request_error', 'The image could not be decoded'))],
  ['an error event', stream(created(), { type: 'error', code: 'invalid_image', message: 'no' })],
];

test('refused-image: the turn is repeated without the image, however the refusal is worded', async () => {
  await using box = await Box.open();
  for (const [what, refusal] of REFUSALS) {
    box.model.script(refusal, stream(says('I cannot see it')));
    const turn = await box.completed(await box.thread(), withImage('look'));
    const [first, second] = box.model
      .to()
      .slice(-2)
      .map(({ body }) => body.input as readonly Item[]);
    assert.ok(hasImages(first ?? []), what);
    assert.ok(!hasImages(second ?? []), what);
    assert.match(textOf(second?.at(-1)), /^look/, what);
    assert.match(textOf(second?.at(-1)), NOTE, what);
    const errors = turn.all('error').map(({ willRetry, error }) => [willRetry, error.codexErrorInfo]);
    assert.deepEqual(errors, [[true, 'badRequest']], what);
  }
});

test('refused-image: the thread goes on without the image, after a restart too, and the client still has it', async () => {
  await using box = await Box.open();
  const refusal = status(400, { error: { code: 'invalid_image' } });
  box.model.script(refusal, stream(says('no')), stream(says('on', 'msg-2')), stream(says('x', 'msg-3')));
  const threadId = await box.thread();
  const turn = await box.completed(threadId, withImage('look'));
  assert.deepEqual(turn.items('userMessage')[0].content[1], { type: 'image', url: URL });
  await box.completed(threadId, 'go on');
  await box.start();
  await box.call('thread/resume', { threadId });
  await box.completed(threadId, 'after a restart');
  assert.equal(box.model.to().length, 4);
  assert.ok(!hasImages(await box.sent(4)));
  assert.ok((await box.sent(4)).some((item) => NOTE.test(textOf(item))));
  const [first] = await box.turnsOf(threadId);
  assert.deepEqual(first.items[0].content[1], { type: 'image', url: URL });
  const types = first.items.map(({ type }: { type: string }) => type);
  assert.deepEqual(types, ['userMessage', 'agentMessage']);
});

test('refused-image: images that the model has seen stay', async () => {
  await using box = await Box.open();
  const refusal = status(400, { error: { code: 'invalid_image' } });
  box.model.script(stream(says('nice')), refusal, stream(says('no', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, withImage('good'));
  await box.completed(threadId, withImage('bad'));
  const sent = await box.sent(3);
  const good = sent.find((item) => textOf(item).startsWith('good'));
  assert.ok(good !== undefined && hasImages([good]));
  assert.match(textOf(sent.at(-1)), NOTE);
});

test('refused-image: when that does not help, all images go, and then the refusal is the error', async () => {
  await using box = await Box.open();
  const refusal = status(400, { error: { code: 'invalid_image', message: 'none of these' } });
  box.model.script(stream(says('nice')), refusal, refusal, refusal, stream(says('on', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, withImage('good'));
  const turn = await box.turn(threadId, withImage('bad'));
  const { status: how, error } = await turn.ended();
  assert.deepEqual([how, error.codexErrorInfo], ['failed', 'badRequest']);
  assert.match(error.message, /none of these$/);
  assert.ok(!hasImages(await box.sent(4)));
  await box.completed(threadId, 'go on');
});

test('refused-image: a 400 that has nothing to do with images takes none away', async () => {
  await using box = await Box.open();
  box.model.script(
    status(400, { error: { message: "Unsupported tool type 'image_generation'." } }),
    stream(says('on', 'msg-2')),
  );
  const threadId = await box.thread();
  assert.equal((await (await box.turn(threadId, withImage('look'))).ended()).status, 'failed');
  await box.completed(threadId, 'again');
  assert.ok(hasImages(await box.sent(2)));
});

test('refused-image: a request with too many bytes is repeated with fewer images, and without any it is an error', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('nice')), status(413, 'Payload Too Large'), stream(says('no', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, withImage('first'));
  const turn = await box.completed(threadId, withImage('second'));
  const [{ error }] = turn.all('error');
  assert.equal(error.message, 'The request was too large for the model service. It is repeated with fewer images.');
  assert.match(error.additionalDetails, /^unexpected status 413 Payload Too Large/);
  assert.equal(JSON.stringify(await box.sent(3)).split('"input_image"').length, 2);
  box.model.script(...[1, 2].map(() => status(413, 'Payload Too Large')), stream(says('on', 'msg-3')));
  const failing = await (await box.turn(threadId, 'third')).ended();
  assert.equal(failing.status, 'failed');
  assert.match(failing.error.message, /^unexpected status 413 Payload Too Large/);
  await box.completed(threadId, 'fourth');
});

test('refused-image: an image that a tool showed is replaced, too', async () => {
  await using box = await Box.open();
  box.write('small.png', png());
  box.model.script(
    stream(created(), functionCall('c1', 'view_image', { path: 'small.png' }), completed()),
    status(400, { error: { code: 'invalid_image' } }),
    stream(says('done')),
  );
  await box.completed(await box.thread(), 'go');
  assert.ok(hasImages(await box.sent(2)));
  assert.ok(!hasImages(await box.sent(3)));
  assert.match(JSON.stringify(await box.sent(3)), NOTE);
});
