export class SearchPool {
  constructor(_options: { workersFolder: URL; maxThreads: number; log: unknown }) {}
  async search(
    _request: object,
    _signal: AbortSignal,
  ): Promise<{ root: string; path: string; file_name: string; score: number; indices: number[] }[]> {
    return [];
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
