export async function appendAllowRule(_codexHome: string, _prefix: readonly string[]): Promise<void> {}
