"""
One client's check-ins in the words of HL7 FHIR R4 (4.0.1): Questionnaire, QuestionnaireResponse, Observation.

Pure dictionaries in the shape of the JSON format. Nobody is named: people are references by id.
"""
