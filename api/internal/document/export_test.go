package document

// Extract reads a source and stops there.
func Extract(in Input) error {
	_, err := new(builder).documents(in)
	return err
}
