import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { FrameworkSettings, FrameworkSettingsInput } from "../../../src/core/settings.ts";
import { settingsSchema } from "../../../src/core/settings-schema.ts";
import { createDownloader, type Downloader, type DownloaderOptions } from "../../../src/crawl/http/downloader.ts";

/** A real site on 127.0.0.1, gone with the test. Resolves to its origin. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function settingsOf(values: Partial<FrameworkSettingsInput> = {}): FrameworkSettings {
  return settingsSchema.parse(values);
}

export function download(
  options: Partial<Omit<DownloaderOptions, "settings">> & { settings?: Partial<FrameworkSettingsInput> } = {},
): Downloader {
  const downloader = createDownloader({ privateAllowed: true, ...options, settings: settingsOf(options.settings) });
  onTestFinished(() => downloader.close());
  return downloader;
}
