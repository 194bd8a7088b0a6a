// The index template of the data stream: how Elasticsearch and OpenSearch treat the fields that our
// documents have. Without it a first alert decides the types of all that follow.

/**
 * The body of `PUT _index_template/NAME`.
 *
 * @param ecs whether documents are in the form of ECS; others have only their time in common.
 */
export function ecsTemplate(dataStream: string, ecs: boolean): string {
  return JSON.stringify({
    index_patterns: [dataStream],
    data_stream: {},
    // Above Elasticsearch's own template for logs-*-*, which has 100.
    priority: 300,
    template: { mappings: ecs ? ECS_MAPPINGS : { properties: TIME } },
    _meta: { description: 'alerts of Saker' },
  });
}

const TIME = { '@timestamp': { type: 'date' } };
const KEYWORD = { type: 'keyword', ignore_above: 1024 };
const LONG = { type: 'long' };

// Command lines are long, and searched for parts: what is cut off here stays in the document.
const COMMAND_LINE = {
  type: 'keyword',
  ignore_above: 8191,
  fields: { text: { type: 'text' } },
};

const PROGRAM = {
  args: KEYWORD,
  args_count: LONG,
  command_line: COMMAND_LINE,
  executable: KEYWORD,
  name: KEYWORD,
  pid: LONG,
};
const END = { properties: { address: KEYWORD, ip: { type: 'ip' }, port: LONG } };

const ECS_MAPPINGS = {
  // Every text that has no type here is a word: that is what ECS says of nearly all of them.
  dynamic_templates: [
    { texts: { match_mapping_type: 'string', mapping: { type: 'keyword', ignore_above: 1024 } } },
  ],
  date_detection: false,
  properties: {
    ...TIME,
    message: { type: 'text' },
    event: { properties: { severity: LONG } },
    process: {
      properties: {
        ...PROGRAM,
        vpid: LONG,
        thread: { properties: { id: LONG } },
        parent: { properties: PROGRAM },
      },
    },
    container: {
      properties: { security_context: { properties: { privileged: { type: 'boolean' } } } },
    },
    source: END,
    destination: END,
    related: { properties: { ip: { type: 'ip' } } },
  },
};
