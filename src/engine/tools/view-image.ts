/** `view_image`: puts a picture from disk in front of the model. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import * as s from '../../base/json/schema.ts';
import { osErrorText } from '../../base/os-error.ts';
import { SecretFile, SecretFiles } from '../../base/secret-files.ts';
import { ToolFailure } from '../failures.ts';
import { loadImage } from '../image-file.ts';
import { message } from '../messages.ts';
import { decodeArguments } from './arguments.ts';
import { abortedByUser, type Tool, type ToolSet } from './tool.ts';

const ViewImageArguments = s.object({ path: s.string });

const viewImageSpec = {
  type: 'function',
  name: 'view_image',
  description: 'Shows you an image file from this machine. Use it only for a file that exists and matters to the task.',
  strict: false,
  parameters: {
    type: 'object',
    properties: { path: { type: 'string', description: 'Path of the image file.' } },
    required: ['path'],
    additionalProperties: false,
  },
} as const;

const viewImageTool: Tool = {
  names: ['view_image'],
  parallel: true,
  abortedOutput: abortedByUser,
  async run(call, { config, recorder, services, turn, itemId }) {
    const { path } = decodeArguments(ViewImageArguments, call.kind === 'function' ? call.args : '');
    const full = isAbsolute(path) ? path : join(turn.settings.cwd, path);
    await requireFile(full);
    if (new SecretFiles(config.stateFolders).hasPlace(await realpath(full))) {
      throw new ToolFailure(`image path \`${full}\` is not shown: it ${new SecretFile().message}`);
    }
    recorder.storeAndEmit({ kind: 'imageViewed', turnId: turn.id, callId: itemId, path: full });
    const encoded = await loadImage(services.images, full, full);
    const part = encoded.ok
      ? ({ type: 'input_image', image_url: encoded.dataUrl } as const)
      : ({ type: 'input_text', text: encoded.text } as const);
    return { output: 'attached local image path', followUps: [message('user', [part])] };
  },
};

export const viewImageTools: ToolSet = { offer: () => [viewImageSpec], tools: [viewImageTool] };

async function requireFile(path: string): Promise<void> {
  let isFile: boolean;
  try {
    isFile = (await stat(path)).isFile();
  } catch (error) {
    throw new ToolFailure(`unable to locate image at \`${path}\`: ${osErrorText(error)}`);
  }
  if (!isFile) throw new ToolFailure(`image path \`${path}\` is not a file`);
}
