/** What a user sent, as the message that goes upstream. */
import { resolve } from 'node:path';
import type { LocalImages } from '../images/local-image.ts';
import type { UserInput } from '../protocol/items.ts';
import type { ContentItem, ResponseItem } from '../protocol/response-items.ts';
import { loadImage } from './image-file.ts';
import { message } from './messages.ts';

/** What the client sent at one time, with the id of the item that shows it. */
export interface GivenInput {
  readonly itemId: string;
  readonly content: readonly UserInput[];
}

const text = (value: string): ContentItem => ({ type: 'input_text', text: value });
const image = (url: string): ContentItem => ({ type: 'input_image', image_url: url });

/** One message with all parts in order. Skills and mentions add nothing here. Images that cannot be read become a remark. */
export async function userMessageOf(
  input: readonly UserInput[],
  images: LocalImages,
  processCwd: string,
): Promise<ResponseItem> {
  const content: ContentItem[] = [];
  let localImageNumber = 0;
  for (const part of input) {
    switch (part.type) {
      case 'text':
        content.push(text(part.text));
        break;
      case 'image':
        content.push(text('<image>'), image(part.url), text('</image>'));
        break;
      case 'localImage':
        localImageNumber += 1;
        content.push(...(await localImage(part.path, localImageNumber, images, processCwd)));
        break;
      case 'skill':
      case 'mention':
        break;
    }
  }
  return message('user', content);
}

async function localImage(
  path: string,
  number: number,
  images: LocalImages,
  processCwd: string,
): Promise<ContentItem[]> {
  const encoded = await loadImage(images, resolve(processCwd, path), path);
  if (!encoded.ok) return [text(encoded.text)];
  return [text(`<image name=[Image #${number}]>`), image(encoded.dataUrl), text('</image>')];
}

/** All text that was typed, for skills named in it. */
export const typedText = (input: readonly UserInput[]): string[] =>
  input.flatMap((part) => (part.type === 'text' ? [part.text] : []));
