package apitest

import "fmt"

func pick[T any](m *maker, from ...T) T { return from[m.rand.IntN(len(from))] }

func (m *maker) chance(in int) bool { return m.rand.IntN(in) == 0 }

// text returns what the page says, or what the whole document says instead.
func (m *maker) text(page, whole string) string {
	if m.whole {
		return whole
	}
	return page
}

func ref(section, name string) object {
	return object{"$ref": "#/components/" + section + "/" + name}
}

var names = []string{
	"id", "Id", "name", "useridentityid", "user_identity", "status", "createdAt", "created_at", "tags", "type", "url", "isOpen",
	"2fa", "@class", "first name", "range", "phone-number", "score", "child", "childs", "custom_fields", "sub_stream_id", "lastMessage",
}

// value makes an object schema that nests at most so deep.
func (m *maker) value(depth int) object {
	properties := object{}
	for range 2 + m.rand.IntN(4) {
		properties[pick(m, names...)] = m.field(depth)
	}
	schema := object{"type": "object", "properties": properties}
	switch m.rand.IntN(12) {
	case 0:
		schema["required"] = []any{"id"}
		properties["id"] = object{"type": "integer", "example": 5}
	case 1:
		schema["optional"] = true
	case 2:
		delete(schema, "type")
	}
	return schema
}

// field makes a schema with an example that may contradict it.
func (m *maker) field(depth int) object {
	if depth > 0 {
		switch m.rand.IntN(14) {
		case 0, 1:
			return m.value(depth - 1)
		case 2, 3:
			return object{"type": "array", "items": m.value(depth - 1)}
		case 4: // alternatives that say the same
			one := m.value(depth - 1)
			other := object{"type": "object", "properties": one["properties"], "description": "the same"}
			return object{pick(m, "oneOf", "anyOf"): []any{object{"type": "object", "properties": one["properties"]}, other}}
		case 5:
			return object{pick(m, "oneOf", "anyOf"): []any{object{"type": "string"}, m.value(depth - 1)}}
		}
	}
	switch m.rand.IntN(16) {
	case 0:
		return ref("schemas", pick(m, "Contact", "Channel", "Node", "Kind", "Contact/properties/owner"))
	case 1: // of the wrong kind
		return ref("parameters", pick(m, "limit", "limit/schema"))
	case 2:
		return object{"type": "string", "format": "date-time", "example": pick[any](m, "2025-02-06T07:51:52.2581942", "06/02/2025", 1738828312)}
	case 3:
		return object{"type": "string", "enum": []any{"open", "closed", ""}, "example": pick[any](m, "open", "ajar")}
	case 4:
		return object{"type": "integer", "enum": []any{1, 2, 3}, "example": pick[any](m, 1, "2")}
	case 5:
		return object{"type": "boolean", "example": pick[any](m, true, "true", 1, nil)}
	case 6:
		return object{"type": "array", "items": object{"type": pick(m, "string", "integer")}, "example": []any{pick[any](m, "a", 1)}}
	case 7:
		return object{"type": "number", "format": pick(m, "double", "float", ""), "example": pick[any](m, 1.5, "1.5", 2)}
	case 8:
		return object{"type": "object", "additionalProperties": pick[any](m, true, object{"type": "string"})}
	case 9:
		return object{"type": "string", "nullable": true, "example": nil}
	case 10:
		return object{"type": pick(m, "String", "integer"), "required": pick[any](m, true, false)}
	case 11, 12:
		return object{"type": "integer", "format": pick(m, "int32", "int64", ""), "example": pick[any](m, 7, "7", "seven")}
	}
	return object{"type": "string", "description": fmt.Sprint("Text ", m.rand.IntN(9), m.text("", " (new)")), "example": pick[any](m, "abc", "abc", 12, "")}
}

// schemas are the components; that nothing refers to some of them is usual.
func (m *maker) schemas() object {
	all := object{
		"Kind":       object{"type": "string", "enum": []any{"small", "large", "extra large"}},
		"UnusedKind": object{"type": "integer", "enum": []any{1, 2, 4}, "x-enum-varnames": []any{"One", "Two", "Four"}},
		"Node":       object{"type": "object", "properties": object{"id": object{"type": "integer"}, "children": object{"type": "array", "items": ref("schemas", "Node")}}},
		"Contact":    object{"type": "object", "properties": object{"id": object{"type": "integer"}, "owner": m.value(1), "kind": ref("schemas", "Kind"), "email": object{"type": "string", "format": "email"}}},
		"Channel":    object{"type": "object", "properties": object{"stream_id": object{"type": pick(m, "string", "integer")}, "settings": m.value(2)}},
	}
	if !m.whole {
		all["ErrorResponse"] = m.errorResponse()
	}
	return all
}

// errorResponse is what every page of CommBox's brings along, word for word.
func (m *maker) errorResponse() object {
	text := func(description string, example any) object {
		return object{"type": "string", "description": description, "example": example}
	}
	return object{
		"type": "object", "required": []any{"status", "description", "response_time"},
		"properties": object{
			"status":        text("Error status code as string", "400"),
			"description":   text("Human-readable description of the error", "Missing parameter templateName"),
			"response_time": text("Timestamp of the response", "2024-08-06T07:51:52.2581942Z"),
			"data": object{"type": "array", "description": "Array of recipient error details", "items": object{"type": "object", "properties": object{
				"recipient": text("Recipient's phone number", "9725551234"),
				"status":    object{"type": "integer", "description": "Error status code", "example": 400},
				"failed":    text("Failure reason", "Missing required parameter"),
			}}},
		},
	}
}
