import type { z } from "zod";
import type { settingsSchema } from "./settings-schema.ts";

export type FrameworkSettings = z.output<typeof settingsSchema>;
export type FrameworkSettingsInput = z.input<typeof settingsSchema>;

/** Settings that a project declares in its settings.ts; extend it there with `declare module "arachne"`. */
// oxlint-disable-next-line no-empty-interface -- filled in by declaration merging
export interface UserSettings {}

/** All settings, each with its value: framework's and project's. */
export type Settings = Readonly<FrameworkSettings & UserSettings>;
export type SettingsInput = Partial<FrameworkSettingsInput & UserSettings>;

export interface ProjectSettings {
  /** Settings of the project's own, by UPPER_CASE name; each needs a default or `.optional()`. */
  declare?: Readonly<Record<string, z.ZodType>>;
  values: SettingsInput;
}

/**
 * What `settings.ts` exports by default: values for the framework's settings, and the project's own under `declare`.
 * @example
 * export default defineSettings({ declare: { BDS_TOPIC: z.string().default("batdongsan") }, values: { BATCH_SIZE: 500 } });
 */
export function defineSettings(settings: ProjectSettings): ProjectSettings {
  return settings;
}
