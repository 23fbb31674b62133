// Changes of stored actions, feedbacks and settings from one version to the next, in order. Never remove one: append.
/** @type {import("@companion-module/base").CompanionStaticUpgradeScript<any, any>[]} */
export const UpgradeScripts = [];
