/** Name of the file with one line an image, beside the MLTable. */
export const linesFile = "annotations.jsonl";

/** What AutoML's MLTable reader wants beside the lines. */
export const mlTable = `paths:
  - file: ./${linesFile}
transformations:
  - read_json_lines:
      encoding: utf8
      invalid_lines: error
      include_path_column: false
  - convert_column_types:
      - columns: image_url
        column_type: stream_info
`;
