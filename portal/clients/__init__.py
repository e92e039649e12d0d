"""What calls a service over HTTP: one client a service, frozen answers, two seconds' patience."""
