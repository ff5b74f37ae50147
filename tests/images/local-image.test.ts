import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { readImageHeader } from '../../src/images/image-header.ts';
import { encodeLocalImage, LocalImages, unreadableImageText } from '../../src/images/local-image.ts';
import { type LoadResizer, loadSharp, scaleToFit } from '../../src/images/resize.ts';

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A grey image, 8 bits a pixel. */
function png(
  width: number,
  height: number,
  pixels: Uint8Array = deflateSync(Buffer.alloc((width + 1) * height)),
): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Start, an application segment, fill bytes, a start of frame: as far as a header goes. */
function jpeg(width: number, height: number, frameMarker = 0xc0): Buffer {
  const frame = Buffer.from([0xff, 0xff, frameMarker, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 6);
  frame.writeUInt16BE(width, 8);
  return Buffer.concat([Buffer.from('ffd8ffe000044a46', 'hex'), frame, Buffer.from('ffd9', 'hex')]);
}

const noLibrary: LoadResizer = async () => undefined;
const neverLoaded: LoadResizer = () => assert.fail('the image library was loaded');
const textOf = async (bytes: Uint8Array, path: string, load: LoadResizer = neverLoaded) => {
  const encoded = await encodeLocalImage(bytes, path, load);
  assert.ok(!encoded.ok, 'the image was attached');
  return encoded.text;
};

test('format and size are read from the content', () => {
  assert.deepEqual(readImageHeader(png(3, 2)), { format: 'png', width: 3, height: 2 });
  assert.deepEqual(readImageHeader(jpeg(300, 200)), { format: 'jpeg', width: 300, height: 200 });
  assert.deepEqual(readImageHeader(jpeg(300, 200, 0xc2)), { format: 'jpeg', width: 300, height: 200 });
});

test('a JPEG table marker is not taken for a frame', () => {
  assert.equal(readImageHeader(jpeg(300, 200, 0xc4)), undefined);
});

test('other formats, cut headers and sizes of zero are no images', () => {
  const gif = Buffer.from('4749463839610100010080', 'hex');
  for (const bytes of [
    gif,
    Buffer.alloc(0),
    png(1, 1).subarray(0, 20),
    jpeg(1, 1).subarray(0, 14),
    png(0, 1),
    jpeg(1, 0),
  ]) {
    assert.equal(readImageHeader(bytes), undefined);
  }
});

test('no bytes make the header reader throw', () => {
  const prefix = fc.constantFrom(Buffer.alloc(0), jpeg(1, 1).subarray(0, 8), png(1, 1).subarray(0, 8));
  fc.assert(
    fc.property(prefix, fc.uint8Array({ maxLength: 64 }), (start, rest) => {
      readImageHeader(Buffer.concat([start, rest]));
    }),
  );
});

test('images within the limits are attached byte by byte', async () => {
  for (const [type, bytes] of [
    ['png', png(2048, 768)],
    ['jpeg', jpeg(2048, 768)],
  ] as const) {
    const dataUrl = `data:image/${type};base64,${bytes.toString('base64')}`;
    assert.deepEqual(await encodeLocalImage(bytes, '/x/misnamed.txt', neverLoaded), { ok: true, dataUrl });
  }
});

test('larger images are scaled to fit, keeping their shape', () => {
  const scaled = (width: number, height: number) => scaleToFit({ format: 'png', width, height });
  assert.deepEqual(scaled(3000, 1000), { format: 'png', width: 2048, height: 683 });
  assert.deepEqual(scaled(100, 800), { format: 'png', width: 96, height: 768 });
  assert.deepEqual(scaled(100_000, 1), { format: 'png', width: 2048, height: 1 });
});

test('larger images go through the image library and stay in their format', async (t) => {
  if ((await loadSharp()) === undefined) return t.skip('the optional image library is not installed');
  const encoded = await encodeLocalImage(png(3000, 1000), '/x/wide.png');
  assert.ok(encoded.ok);
  const [head, data = ''] = encoded.dataUrl.split(',');
  assert.equal(head, 'data:image/png;base64');
  const bytes = Buffer.from(data, 'base64');
  assert.deepEqual(readImageHeader(bytes), { format: 'png', width: 2048, height: 683 });
  const [bitDepth, colourType] = bytes.subarray(24, 26);
  assert.deepEqual([bitDepth, colourType], [8, 6]);
});

test('without the image library a larger image is refused, with a text that says so', async () => {
  const text = await textOf(png(3000, 1000), '/x/wide.png', noLibrary);
  assert.match(text, /`\/x\/wide\.png` is too large to attach \(3000x1000 pixels\)/);
});

test('an image that the library cannot decode is refused with its reason', async () => {
  const broken: LoadResizer = async () => () => Promise.reject(new Error('bad huffman code'));
  assert.match(await textOf(jpeg(3000, 1000), '/x/a.jpg', broken), /`\/x\/a\.jpg`.+: bad huffman code$/);
});

test('a PNG with damaged pixels is refused with the reason', async () => {
  assert.match(await textOf(png(2, 2, Buffer.from('garbage')), '/x/a.png'), /`\/x\/a\.png`.+: \S.+$/);
});

test('a PNG whose pixels inflate to far more than its size is refused', async () => {
  assert.match(await textOf(png(2, 2, deflateSync(Buffer.alloc(1_000_000))), '/x/bomb.png'), /is damaged/);
});

test('what only has the name of an image is refused with the type of the name', async () => {
  for (const [bytes, path, type] of [
    [Buffer.from('garbage'), '/x/a.png', 'image/png'],
    [png(2, 2).subarray(0, -4), '/x/cut.PNG', 'image/png'],
    [Buffer.from('GIF89a'), '/x/a.gif', 'image/gif'],
    [Buffer.from('<svg/>'), '/x/a.svg', 'image/svg+xml'],
  ] as const) {
    const text = await textOf(bytes, path);
    assert.ok(text.includes(`\`${path}\` cannot be attached`) && text.includes(`\`${type}\``), text);
  }
});

test('other files are refused with the type their name suggests, or none', async () => {
  assert.match(await textOf(Buffer.from('x'), '/x/a.txt'), /`\/x\/a\.txt`.+unsupported MIME type `text\/plain`$/);
  assert.match(await textOf(Buffer.from('x'), '/x/plain'), /`\/x\/plain`.+unsupported MIME type \(unknown\)$/);
});

test('a file that cannot be read is told with the error of the system', () => {
  const text = unreadableImageText('/x/a.png', 'No such file or directory (os error 2)');
  assert.match(text, /`\/x\/a\.png`.+No such file or directory \(os error 2\)$/);
});

function countingResizer() {
  const calls: number[] = [];
  const load: LoadResizer =
    async () =>
    async (_bytes, { width }) => {
      calls.push(width);
      return Buffer.from('scaled');
    };
  return { calls, load };
}

test('the same bytes are encoded once, whatever their path', async () => {
  const { calls, load } = countingResizer();
  const images = new LocalImages(load);
  const first = await images.encode(png(3000, 1000), '/x/a.png');
  assert.deepEqual(await images.encode(png(3000, 1000), '/x/b.png'), first);
  assert.equal(calls.length, 1);
});

test('the least recently used of more than 32 encodings is dropped', async () => {
  const { calls, load } = countingResizer();
  const images = new LocalImages(load);
  const encode = (index: number) => images.encode(jpeg(3000 + index, 1000), '/x/a.jpg');
  for (let index = 0; index < 32; index += 1) await encode(index);
  await encode(0);
  await encode(32);
  assert.equal(calls.length, 33);
  await encode(0);
  assert.equal(calls.length, 33);
  await encode(1);
  assert.equal(calls.length, 34);
});

test('failures are not remembered', async () => {
  const images = new LocalImages(noLibrary);
  await images.encode(Buffer.from('x'), '/x/a.txt');
  const encoded = await images.encode(Buffer.from('x'), '/x/b.gif');
  assert.ok(!encoded.ok && encoded.text.includes('/x/b.gif'));
});
