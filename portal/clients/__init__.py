"""What calls a service over HTTP: one gateway a service, frozen answers, two seconds' patience."""
