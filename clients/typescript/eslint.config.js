import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
  { ignores: ["build/", "dist/", "src/gen/", "src/health/"] },
  js.configs.recommended,
  typescript.configs.strictTypeChecked,
  typescript.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["tsconfig.json", "tsconfig.tools.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // The compiler's check stands against it.
      "@typescript-eslint/dot-notation": "off",
    },
  },
  { files: ["*.js"], extends: [typescript.configs.disableTypeChecked] },
  {
    files: ["test/**"],
    rules: {
      // The test runner waits for what `test` gives back.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test"] }] },
      ],
    },
  },
);
