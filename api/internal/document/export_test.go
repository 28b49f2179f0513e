package document

// Extract reads a source and stops there.
func Extract(in Input) error {
	_, err := read(in, &positions{})
	return err
}
