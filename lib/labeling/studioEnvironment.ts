/**
 * Label Studio as every one of this project's is run: nobody signs up without the link, nothing calls home, and its guard
 * against requests to private addresses stays closed, since it is never asked to call anything of ours. The token that is
 * given at the first start is of the kind that the API takes in the header of its own.
 */
export const closedStudio = {
  LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN: "true",
  LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK: "true",
  LABEL_STUDIO_SSRF_PROTECTION_ENABLED: "true",
  LABEL_STUDIO_ML_BLOCK_LOCAL_IP: "true",
  LABEL_STUDIO_COLLECT_ANALYTICS: "false",
  LABEL_STUDIO_SENTRY_DSN: "",
  LABEL_STUDIO_FRONTEND_SENTRY_DSN: "",
  LABEL_STUDIO_LATEST_VERSION_CHECK: "false",
} as const;
