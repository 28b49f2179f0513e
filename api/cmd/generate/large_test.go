package main_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
	"time"
)

type object = map[string]any

// largeDocument makes a document of so many paths, the same every time, with
// every kind of operation that CommBox has, shared components and schemas
// that contain themselves.
func largeDocument(paths int) []byte {
	ref := func(section, name string) object { return object{"$ref": "#/components/" + section + "/" + name} }
	schemas, items := object{}, object{}
	for i := range paths {
		name := fmt.Sprintf("Thing%d", i)
		properties := object{
			"id":       object{"$ref": "#/components/parameters/ThingId/schema"},
			"parent":   ref("schemas", name),
			"children": object{"type": "array", "items": ref("schemas", name)},
			"related":  ref("schemas", fmt.Sprintf("Thing%d", (i+1)%paths)),
			"kind":     object{"type": "string", "enum": []string{"small", "large", fmt.Sprintf("kind %d", i)}},
			"created":  object{"type": "string", "format": "date-time", "example": "2024-08-06T07:51:52.2581942Z"},
			"extra":    object{"allOf": []any{ref("schemas", "Base"), object{"type": "object", "properties": object{"note": object{"type": "string"}}}}},
			"either":   object{"oneOf": []any{object{"type": "string"}, object{"type": "integer"}}},
			"labels":   object{"type": "object", "additionalProperties": object{"type": "string"}},
		}
		for f := range 30 {
			properties[fmt.Sprintf("field_%d", f)] = object{
				"type": []string{"string", "integer", "boolean", "number"}[f%4], "description": fmt.Sprintf("Field %d of thing %d, as CommBox stores it.", f, i),
			}
		}
		schemas[name] = object{"type": "object", "properties": properties, "required": []string{"id"}}
		envelope := func(data any) object {
			return object{"description": "OK", "content": object{"application/json": object{"schema": object{
				"type": "object",
				"properties": object{
					"status": object{"type": "integer", "example": "200"}, "description": object{"type": "string"},
					"response_time": object{"type": "string"}, "data": data,
				},
			}}}}
		}
		responses := func(data any) object {
			return object{"200": envelope(data), "400": ref("responses", "Refused"), "401": ref("responses", "Refused"), "429": ref("responses", "Refused")}
		}
		parameters := []any{
			ref("parameters", "ThingId"),
			object{"name": "limit", "in": "query", "schema": object{"type": "integer", "format": "int64"}},
			object{"name": "since", "in": "query", "schema": object{"type": "string", "format": "date-time"}},
			object{"name": "kinds", "in": "query", "schema": object{"type": "array", "items": object{"type": "string"}}},
		}
		items[fmt.Sprintf("/things%d/{thingId}", i)] = object{
			"get":    object{"operationId": fmt.Sprintf("Get_Thing_%d", i), "parameters": parameters, "responses": responses(object{"type": "array", "items": ref("schemas", name)})},
			"delete": object{"operationId": fmt.Sprintf("Delete_Thing_%d", i), "parameters": parameters[:1], "responses": responses(object{"type": "object"})},
			"put": object{
				"operationId": fmt.Sprintf("Save_Thing_%d", i), "parameters": parameters[:1], "responses": responses(ref("schemas", name)),
				"requestBody": object{"required": true, "content": object{"application/json": object{"schema": ref("schemas", name)}}},
			},
			"post": object{
				"operationId": fmt.Sprintf("Attach_To_Thing_%d", i), "parameters": parameters[:1], "responses": responses(object{"type": "string"}),
				"requestBody": object{"content": object{"multipart/form-data": object{"schema": object{
					"type": "object", "properties": object{"file": object{"type": "string", "format": "binary"}, "note": object{"type": "string"}},
				}}}},
			},
		}
	}
	schemas["Base"] = object{"type": "object", "properties": object{"owner": object{"type": "string"}}}
	document, err := json.MarshalIndent(object{
		"openapi": "3.0.3",
		"info":    object{"title": "CommBox API", "version": "2.07"},
		"servers": []any{object{"url": "https://api.commbox.io/"}},
		"paths":   items,
		"components": object{
			"schemas":    schemas,
			"parameters": object{"ThingId": object{"name": "thingId", "in": "path", "required": true, "schema": object{"type": "integer", "format": "int64"}}},
			"responses": object{"Refused": object{"description": "Refused", "content": object{"application/json": object{"schema": object{
				"type": "object", "properties": object{"status": object{"type": "string"}, "response_time": object{"type": "string"}},
			}}}}},
		},
	}, "", "  ")
	if err != nil {
		panic(err)
	}
	return document
}

func TestLargeDocument(t *testing.T) {
	if long(0, 1) == 0 {
		t.Skip("takes some seconds")
	}
	m := newModule(t)
	document := largeDocument(50)
	if len(document) < 500_000 {
		t.Fatalf("the document has %d bytes only", len(document))
	}
	m.mustRun("-check") // so that the generator is built
	m.write("api/published/large.json", string(document))
	// Processor time, for others may use the machine, too.
	start := time.Now()
	cmd := exec.CommandContext(t.Context(), command)
	if stdout, stderr, status := m.finish(cmd); status != 0 {
		t.Fatalf("exit status %d\n%s%s", status, stdout, stderr)
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.Logf("%d bytes with 50 paths took %v of processor time, %v in all; %d bytes of client",
		len(document), used.Round(time.Millisecond), time.Since(start).Round(time.Millisecond), len(m.read("gen/client.gen.go")))
	if used > 20*time.Second {
		t.Errorf("it took %v", used)
	}
	m.vet()
}
