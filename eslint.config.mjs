import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", ".local", "contract/dist", "**/*.mjs", "**/*.cjs"] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    // The stub is serialized by its text, in which only require finds the lifecycle at run time.
    files: ["providers/dynamicProvider.ts"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
