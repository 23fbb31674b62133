import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/bin/**", "**/dist/**", "**/pkg/**"] },
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, WebSocket: "readonly", Event: "readonly", EventTarget: "readonly" } },
    rules: {
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "prefer-const": "error",
      eqeqeq: ["error", "smart"],
    },
  },
  { files: ["**/ui/**"], languageOptions: { globals: globals.browser, sourceType: "script" } },
];
