import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "package", package: "@tanstack/router-core", name: "Redirect" }] }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/consistent-type-definitions": "off",
      // Amounts stay the API's decimal strings: a float is wrong from the 16th digit on, and in its last one before.
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.name='parseFloat']", message: "Show amounts with lib/format." },
        { selector: "CallExpression[callee.property.name=/^(toLocaleString|toFixed)$/]", message: "Use lib/format." },
        { selector: "JSXAttribute[name.name='style']", message: "The policy of the pages allows no style attributes." },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "No HTML from data." },
      ],
      "no-restricted-globals": ["error", { name: "localStorage", message: "Only lib/theme may keep something there." }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    extends: [jsxA11y.flatConfigs.strict, reactHooks.configs.flat["recommended-latest"]],
    languageOptions: { globals: globals.browser },
    settings: { "jsx-a11y": { components: { Button: "button", Input: "input", Label: "label", NativeSelect: "select" } } },
  },
  { files: ["src/lib/theme.ts"], rules: { "no-restricted-globals": "off" } },
  { files: ["src/**/*.test.{ts,tsx}", "tests/**"], rules: { "no-restricted-globals": "off" } },
  { files: ["scripts/*.mjs", "eslint.config.js"], languageOptions: { globals: globals.node } },
  { files: ["public/*.js"], languageOptions: { globals: globals.browser, sourceType: "script" }, rules: { "no-unused-vars": ["error", { caughtErrors: "none" }] } },
);
