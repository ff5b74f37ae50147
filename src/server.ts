/**
 * The composition root: builds every part behind the wire and hands it its dependencies. The only file that sees all.
 *
 * Loaded when `initialize` has been answered. Workers start later still, with the first thread or search.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAccount } from './account/open.ts';
import { abortable, aborted, settledWithin } from './base/abort.ts';
import { definedVariables } from './base/environment.ts';
import { uuidV7 } from './base/ids.ts';
import { sweepDrafts } from './base/replace-file.ts';
import { UPSTREAM_DIALECT } from './base/version.ts';
import { processEnvironment } from './config/environment.ts';
import { FirstWarnings, ignoredKeysWarnings } from './config/ignored-keys.ts';
import { userConfigFile } from './config/layers.ts';
import { type ConfigRequest, type LoadedConfig, loadConfig, loadConfigAndLayers } from './config/load.ts';
import { ChatWireNotice, DEFAULT_PROVIDER_ID, isVendorAddress, providerNamed } from './config/providers.ts';
import { loadAtStart } from './config/startup.ts';
import type { RuleFolder } from './contract/effective-config.ts';
import { WriterLocks } from './engine/writer-lock.ts';
import { LEFT_OUT_SUMMARY, loadExecPolicy } from './execpolicy/load.ts';
import { handlerTable } from './handlers/index.ts';
import { Room } from './handlers/room.ts';
import { boundWarning } from './handlers/search.ts';
import { ModelCatalogue } from './models/catalogue.ts';
import { defaultModel } from './models/known.ts';
import { PatchLaunchers } from './patch/launchers.ts';
import type { ConfigWarningNotification } from './protocol/config.ts';
import { LEGACY_PREFIX } from './protocol/outbound.ts';
import type { Application } from './rpc/application.ts';
import type { SearchPool } from './search-pool/search-pool.ts';
import { SearchSessions } from './search-pool/sessions.ts';
import type { ApplicationDeps, OpenApplication } from './serve.ts';
import { TurnShards } from './shards/turn-shards.ts';
import { BUNDLED_SKILLS } from './skills/bundled.ts';
import { installSystemSkills } from './skills/install.ts';
import { SkillStore } from './skills/store.ts';
import { ThreadArchive } from './threads/archive.ts';
import { ClientQuestions } from './threads/client-questions.ts';
import { Delivery } from './threads/delivery.ts';
import { lanesOf } from './threads/lanes.ts';
import { Subscriptions } from './threads/legacy/subscriptions.ts';
import { ThreadLifecycle, type ThreadRequest } from './threads/lifecycle.ts';
import { ThreadListing } from './threads/listing.ts';
import { ThreadNames } from './threads/names.ts';
import { StoredThreads } from './threads/stored-threads.ts';
import { ThreadLister } from './threads/thread-lister.ts';
import { done, Threads } from './threads/threads.ts';

export { decoder } from './rpc/decoder.ts';

/** Turns wait for the network more than for a processor, and a shard costs some 30 MB: half the processors are enough. */
const FEWEST_SHARDS = 2;
const MOST_SHARDS = 4;
/** Of the time to close: a worker has to start for it. */
const STORE_LOST_LIMIT_MS = 300;

/** The pool is there already, for a first search does not wait for all the rest; it is closed with the application. */
export const openApplication =
  (pool: SearchPool): OpenApplication =>
  (deps) =>
    open(deps, pool);

async function open(deps: ApplicationDeps, pool: SearchPool): Promise<Application> {
  const { env, codexHome, cwd, log, outgoing, client, clock } = deps;
  const environment = processEnvironment(env);
  const request = configRequest(deps);
  const { config, warnings } = await loadAtStart(request, environment, rulesWarnings);

  const identity = () => ({ ...client.identity, version: UPSTREAM_DIALECT });
  const opened = await openAccount({
    codexHome,
    config,
    env,
    clock,
    log,
    identity,
    request: ({ method, params }, signal) => outgoing.request(method, params, signal),
    warn: (summary, details) => outgoing.notify('configWarning', { summary, details }),
    onRevoked: () => {
      outgoing.notify('account/updated', { authMode: null });
      outgoing.notify('authStatusChange', { authMethod: null });
    },
  });
  const { account } = opened;

  const isSignedIn = () => account.mode === 'chatgpt' || account.mode === 'chatgptAuthTokens';
  const openai = providerNamed(DEFAULT_PROVIDER_ID, undefined, environment);
  const catalogue = new ModelCatalogue({
    cachePath: join(codexHome, 'models_cache.json'),
    clock,
    log,
    usesApiKey: () => account.mode === 'apikey',
    // The vendor is asked only on behalf of somebody who has a login there and works with its models.
    mayFetch: () =>
      config.features.remote_models &&
      (!isVendorAddress(openai) || (isSignedIn() && config.provider.id === DEFAULT_PROVIDER_ID)),
    fetchModels: async (signal) => {
      await account.fresh(signal);
      return done(await abortable(shards.fetchModels(openai), signal));
    },
  });
  const models = async () => {
    const known = await catalogue.current();
    const signedIn = isSignedIn();
    return { known, signedIn, defaultModel: config.model ?? defaultModel(known, signedIn) ?? '' };
  };

  const patchProgram = fileURLToPath(new URL('apply-patch.js', deps.programs));
  const launchers = new PatchLaunchers({ codexHome, target: { node: process.execPath, main: patchProgram }, log });
  // What servers that were killed have left; nobody waits for it, and it does not reject.
  for (const folder of [codexHome, join(codexHome, 'rules')]) void sweepDrafts(folder).catch(() => undefined);
  const shards = new TurnShards({
    count: clamp(Math.floor(availableParallelism() / 2), FEWEST_SHARDS, MOST_SHARDS),
    script: new URL('worker-turns.js', deps.programs),
    log,
    settings: () => ({
      identity: identity(),
      env: launchers.inFrontOfPath(definedVariables(env)),
      codexHome,
      processCwd: cwd,
      patchProgram,
    }),
    auth: () => account.state,
    onEvent: (event) => {
      if (event.kind === 'authWanted') account.wanted(event.generation, event.why);
      else if (event.kind === 'modelsEtag') {
        if (event.providerId === openai.id) catalogue.noteEtag(event.etag);
      } else threads.onShardEvent(event);
    },
    drained: () => (outgoing.pressure.high ? outgoing.pressure.ready() : null),
    onDeath: (isOn) => threads.onShardDeath(isOn),
  });
  account.listen((state) => shards.broadcastAuth(state));

  const skills = new SkillStore({
    processCwd: cwd,
    systemFolder: environment.systemFolder,
    configFor: (folder) => loadConfig({ ...request, cwd: folder, cliOverrides: [] }, environment),
    systemSkills: installSystemSkills(codexHome, BUNDLED_SKILLS).catch((error: unknown) =>
      log.warn('skills', 'the bundled skills could not be installed', { error }),
    ),
  });
  const newId = () => uuidV7(clock.nowMs());
  const questions = new ClientQuestions({
    request: ({ method, params }, signal) => outgoing.request(method, params, signal),
    answer: (thread, key, answer) => threads.answer(thread, key, answer),
    log,
  });
  const delivery = new Delivery({
    notify: ({ method, params }) => outgoing.notify(method, params),
    wantsOlder: () => outgoing.wants(`${LEGACY_PREFIX}*`),
    questions,
  });
  const threads = new Threads({ shards, log, delivery, newId });
  const room = new Room({ makeRoom: (count) => threads.makeRoom(count) });
  const defaultProvider = config.provider.id;
  const lister = new ThreadLister({
    workersFolder: deps.programs,
    workerData: { codexHome, processCwd: cwd, defaultProvider },
    busyPaths: () => threads.ids().flatMap((id) => threads.find(id)?.path ?? []),
    log,
  });
  const stored = new StoredThreads({ threads, shards, codexHome, defaultProvider });
  const chatWire = new ChatWireNotice();
  const firstWarnings = new FirstWarnings();
  firstWarnings.of(warnings);
  const lifecycle = new ThreadLifecycle({
    threads,
    stored,
    delivery,
    processCwd: cwd,
    newId,
    loadConfig: async (wanted) => {
      const loaded = await loadConfigAndLayers(withRequest(request, wanted), environment);
      for (const warning of firstWarnings.of(await rightsWarnings(loaded))) outgoing.notify('configWarning', warning);
      return chatWire.addTo(loaded.config);
    },
    models,
    skills: (wanted) => skills.forThread(wanted),
  });
  pool.configure({
    maxIndexedFiles: config.fileSearchMaxIndexedFiles,
    onUnwatched: () => outgoing.notify('configWarning', UNWATCHED),
    onBounded: (notice) => outgoing.notify('configWarning', boundWarning(notice)),
  });

  const searchSessions = new SearchSessions({
    source: pool,
    ranking: config.fileSearchRanking,
    log,
    onUpdated: (sessionId, query, files) =>
      outgoing.notify('fuzzyFileSearch/sessionUpdated', { sessionId, query, files }),
    onCompleted: (sessionId) => outgoing.notify('fuzzyFileSearch/sessionCompleted', { sessionId }),
  });

  return {
    handlers: handlerTable({
      account,
      threads,
      lifecycle,
      stored,
      subscriptions: new Subscriptions({ shards, delivery }),
      codexHome,
      archive: new ThreadArchive({
        threads,
        codexHome,
        clock,
        locks: new WriterLocks({ codexHome, env: definedVariables(env), log }),
      }),
      names: new ThreadNames({ threads, codexHome, clock, newId }),
      listing: new ThreadListing(lister),
      defaultProvider,
      models,
      outgoing,
      pool,
      searchSessions,
      skills,
      savedConfig: { codexHome, environment },
      skillSettings: {
        configFile: userConfigFile(codexHome),
        processCwd: cwd,
        homeFolder: environment.homeFolder,
      },
      processCwd: cwd,
      ranking: config.fileSearchRanking,
    }),
    lanesOf,
    makeRoom: (method) => room.enter(method),
    startupWarnings: [...warnings, ...unusedLoginWarning(opened.unused)],
    close: async (deadline) => {
      searchSessions[Symbol.dispose]();
      await settledWithin(threads.storeLost(), STORE_LOST_LIMIT_MS);
      const shardsClosed = shards.closeAll(deadline);
      await Promise.race([shardsClosed, aborted(deadline)]); // a thread that does not end holds up nothing else
      launchers[Symbol.dispose]();
      await Promise.all([
        shardsClosed,
        pool[Symbol.asyncDispose](),
        lister[Symbol.asyncDispose](),
        catalogue[Symbol.asyncDispose](),
        opened[Symbol.asyncDispose](),
      ]);
    },
  };
}

const UNWATCHED: ConfigWarningNotification = {
  summary: 'Not all folders can be watched for changes: file search is slower.',
  details: 'Search results stay correct. On Linux, a higher fs.inotify.max_user_watches makes it fast again.',
};

const unusedLoginWarning = (reason: string | null): readonly ConfigWarningNotification[] =>
  reason === null ? [] : [{ summary: `Stored credentials are not used: ${reason}.`, details: null }];

const configRequest = (deps: ApplicationDeps): ConfigRequest => ({
  codexHome: deps.codexHome,
  processCwd: deps.cwd,
  cliOverrides: deps.overrides,
  enable: [],
  disable: [],
  analyticsDefault: deps.analyticsDefaultEnabled,
});

const withRequest = (request: ConfigRequest, { cwd, config, typed }: ThreadRequest): ConfigRequest => ({
  ...request,
  cwd,
  requestOverrides: config,
  typed,
});

async function rulesWarnings(folders: readonly RuleFolder[]) {
  const { problems } = await loadExecPolicy(folders);
  return problems;
}

/** About the folders of a thread that give no rights. Rules that cannot be read end the thread's start elsewhere. */
async function rightsWarnings({ config, stack }: LoadedConfig): Promise<readonly ConfigWarningNotification[]> {
  const limited = config.features.exec_policy ? config.ruleFolders.filter(({ mayAllow }) => !mayAllow) : [];
  const rules = await rulesWarnings(limited).catch(() => []);
  return [
    ...ignoredKeysWarnings(stack, config.codexHome),
    ...rules.filter(({ summary }) => summary === LEFT_OUT_SUMMARY),
  ];
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
