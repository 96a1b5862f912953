/** As Pulumi.yaml has it. */
export const projectName = "azure-ml-object-detection";
